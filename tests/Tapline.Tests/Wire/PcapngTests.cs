using System.Buffers.Binary;
using System.Text;
using Tapline.Wire.Packets;

namespace Tapline.Tests.Wire;

/// <summary>Capture files with a device an interface.</summary>
public sealed class PcapngTests
{
    [Fact]
    public void Each_device_is_told_once_before_its_frames()
    {
        using var file = new MemoryStream();
        var writer = new PcapngWriter(file);

        writer.Write("tap1", Frame(1, 0x0102_0304_0506_0708, isOutgoing: false));
        writer.Write("qrouter-x/qr-1", Frame(2, 5, isOutgoing: true));
        writer.Write("tap1", Frame(61, 6, isOutgoing: true));

        var blocks = Blocks(file.ToArray());
        Assert.Equal([0x0a0d0d0au, 1, 6, 1, 6, 6], blocks.Select(block => block.Type));
        Assert.Equal("4d3c2b1a01000000ffffffffffffffff", Convert.ToHexStringLower(blocks[0].Body));
        Assert.Equal("tap1", Encoding.UTF8.GetString(blocks[1].Body.AsSpan(12, 4)));
        Assert.Equal("0900010009000000" + "00000000", Convert.ToHexStringLower(blocks[1].Body.AsSpan(16)));
        Assert.Equal("00000000" + "04030201" + "08070605" + "01000000" + "01000000" + "ab000000" + "0200040001000000" + "00000000", Convert.ToHexStringLower(blocks[2].Body));
        Assert.Equal([1u, 0u], blocks.Skip(4).Select(block => BinaryPrimitives.ReadUInt32LittleEndian(block.Body)));
        Assert.Equal("0200040002000000" + "00000000", Convert.ToHexStringLower(blocks[5].Body.AsSpan(20 + 64)));
    }

    private static CapturedFrame Frame(int length, long at, bool isOutgoing) => new()
    {
        Bytes = [.. Enumerable.Repeat((byte)0xab, length)],
        TimestampNanoseconds = at,
        IsOutgoing = isOutgoing,
        OriginalLength = length,
        IsChecksumPending = false,
    };

    /// <summary>Each block's length stands before and behind it.</summary>
    private static List<(uint Type, byte[] Body)> Blocks(ReadOnlySpan<byte> file)
    {
        var blocks = new List<(uint, byte[])>();
        while (!file.IsEmpty)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(file[4..]);
            Assert.Equal(0, length % 4);
            Assert.Equal(length, BinaryPrimitives.ReadInt32LittleEndian(file[(length - 4)..]));
            blocks.Add((BinaryPrimitives.ReadUInt32LittleEndian(file), file[8..(length - 4)].ToArray()));
            file = file[length..];
        }

        return blocks;
    }
}
