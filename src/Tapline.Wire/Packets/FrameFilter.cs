using System.Runtime.InteropServices;
using Tapline.Wire.Interop;

namespace Tapline.Wire.Packets;

/// <summary>
/// A classic BPF program for a packet socket. All of these let ARP, ICMP and tagged frames pass (the kernel may not have taken the tag out),
/// and of the rest only what they are named for: whoever receives looks once more.
/// </summary>
public sealed class FrameFilter
{
    private const int SO_ATTACH_FILTER = 26;
    private const ushort LoadHalf = 0x28; // BPF_LD | BPF_H | BPF_ABS
    private const ushort LoadByte = 0x30;
    private const ushort LoadWord = 0x20;
    private const ushort LoadHalfAtX = 0x48; // … | BPF_IND
    private const ushort LoadWordAtX = 0x40;
    private const ushort LoadHeaderLengthToX = 0xb1; // BPF_LDX | BPF_B | BPF_MSH: 4 * (byte & 15)
    private const ushort JumpIfEqual = 0x15;
    private const ushort Return = 0x06;
    private const uint Whole = 0x40000;
    private const int Ethernet = 14;

    private readonly Instruction[] _program;

    private FrameFilter(Instruction[] program) => _program = program;

    /// <summary>No other IP packets.</summary>
    public static FrameFilter Icmp() => Of(IpProtocol.Icmp, []);

    /// <summary>IPv4 packets from or to the addresses, whatever they carry; of ARP and ICMP all.</summary>
    public static FrameFilter Addresses(params IEnumerable<uint> addresses) => Of(null, [.. addresses.SelectMany(address => new (ushort, uint, uint)[]
    {
        (LoadWord, Ethernet + 12, address), (LoadWord, Ethernet + 16, address),
    })]);

    /// <summary>UDP datagrams from or to the ports.</summary>
    public static FrameFilter Udp(params IEnumerable<ushort> ports) =>
        Of(IpProtocol.Udp, [.. ports.SelectMany(port => new (ushort, uint, uint)[] { (LoadHalfAtX, Ethernet, port), (LoadHalfAtX, Ethernet + 2, port) })]);

    /// <summary>TCP segments with those sequence numbers, and those that acknowledge them as a SYN's.</summary>
    public static FrameFilter Tcp(params IEnumerable<uint> sequences) =>
        Of(IpProtocol.Tcp, [.. sequences.SelectMany(number => new (ushort, uint, uint)[] { (LoadWordAtX, Ethernet + 4, number), (LoadWordAtX, Ethernet + 8, number + 1) })]);

    internal unsafe void Attach(SafeHandle socket)
    {
        fixed (Instruction* start = _program)
        {
            var program = new Program { Length = (ushort)_program.Length, Start = start };
            Posix.Check(Libc.setsockopt(socket, Posix.SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(Program)), "attach a packet filter");
        }
    }

    /// <summary>What one of the tests finds equal is taken; a null protocol is any.</summary>
    private static FrameFilter Of(byte? protocol, (ushort Load, uint At, uint Value)[] tests)
    {
        var take = (byte)(9 + (2 * tests.Length));
        byte From(int here) => (byte)(take - here - 1);
        List<Instruction> program =
        [
            new(LoadHalf, 12),
            new(JumpIfEqual, EtherType.Arp) { IfTrue = From(1) },
            new(JumpIfEqual, EtherType.Vlan) { IfTrue = From(2) },
            new(JumpIfEqual, EtherType.IPv4) { IfFalse = (byte)(From(3) - 1) },
            new(LoadByte, 23),
            new(JumpIfEqual, IpProtocol.Icmp) { IfTrue = From(5) },
            protocol is { } only ? new(JumpIfEqual, only) { IfFalse = (byte)(From(6) - 1) } : new(LoadByte, 23),
            new(LoadHeaderLengthToX, Ethernet),
        ];
        foreach (var (load, at, value) in tests)
        {
            program.Add(new Instruction(load, at));
            program.Add(new Instruction(JumpIfEqual, value) { IfTrue = From(program.Count) });
        }

        program.AddRange([new(Return, 0), new(Return, Whole)]);
        return new FrameFilter([.. program]);
    }

    /// <summary>struct sock_filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Instruction(ushort code, uint operand)
    {
        public ushort Code = code;
        public byte IfTrue;
        public byte IfFalse;
        public uint Operand = operand;
    }

    /// <summary>struct sock_fprog of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Program
    {
        public ushort Length;
        public Instruction* Start;
    }
}
