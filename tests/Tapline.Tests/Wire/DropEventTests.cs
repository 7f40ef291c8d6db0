using Tapline.Wire.Tracing;

namespace Tapline.Tests.Wire;

/// <summary>Lines of tracefs' trace_pipe.</summary>
public sealed class DropEventTests
{
    [Fact]
    public void A_drop_is_read_with_its_time_place_and_reason()
    {
        const string Line = "            ping-7154    [001] b.s2.  1385.502344: kfree_skb: skbaddr=00000000a1d0 rx_sk=0000000000000000 protocol=2048 location=ip_error+0x91/0x2a0 reason: IP_INADDRERRORS";

        Assert.Equal(new DropEvent(1_385_502_344_000, 2048, "ip_error", "IP_INADDRERRORS"), DropEvent.Parse(Line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("CPU:1 [LOST 12 EVENTS]")]
    [InlineData("  ping-7154    [001] b.s2.  1385.5: consume_skb: skbaddr=00000000a1d0")]
    public void Other_lines_are_none(string line) => Assert.Null(DropEvent.Parse(line));
}
