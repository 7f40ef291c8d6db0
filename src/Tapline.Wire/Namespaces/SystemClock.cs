using Tapline.Wire.Interop;

namespace Tapline.Wire.Namespaces;

/// <summary>The kernel's clock.</summary>
public static unsafe class SystemClock
{
    private const int Size = 208; // struct timex of 64-bit Linux
    private const int StatusOffset = 40;
    private const int STA_UNSYNC = 0x40;

    /// <summary>Somebody (NTP, a hypervisor's agent) keeps it true.</summary>
    public static bool IsSynchronised()
    {
        var request = stackalloc byte[Size];
        new Span<byte>(request, Size).Clear(); // modes 0: asks, sets nothing
        return Libc.adjtimex(request) >= 0 && (*(int*)(request + StatusOffset) & STA_UNSYNC) == 0;
    }
}
