using System.Runtime.InteropServices;

namespace Tapline.Wire.Nftables;

/// <summary>libnftables(3). The library is loaded at the first call: a program that never asks runs without it.</summary>
internal static unsafe partial class LibNftables
{
    internal const uint NFT_CTX_OUTPUT_HANDLE = 1 << 3;
    internal const uint NFT_CTX_OUTPUT_JSON = 1 << 4;

    private const string Library = "libnftables.so.1";

    /// <summary>malloc_trim(3): gives freed memory back to the kernel.</summary>
    [LibraryImport("libc.so.6")]
    internal static partial int malloc_trim(nuint pad);

    [LibraryImport(Library)]
    internal static partial nint nft_ctx_new(uint flags);

    [LibraryImport(Library)]
    internal static partial void nft_ctx_free(nint context);

    [LibraryImport(Library)]
    internal static partial void nft_ctx_output_set_flags(nint context, uint flags);

    [LibraryImport(Library)]
    internal static partial int nft_ctx_buffer_output(nint context);

    [LibraryImport(Library)]
    internal static partial int nft_ctx_buffer_error(nint context);

    [LibraryImport(Library)]
    internal static partial byte* nft_ctx_get_output_buffer(nint context);

    [LibraryImport(Library)]
    internal static partial byte* nft_ctx_get_error_buffer(nint context);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int nft_run_cmd_from_buffer(nint context, string commands);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int nft_run_cmd_from_filename(nint context, string path);

    [LibraryImport(Library)]
    internal static partial void nft_ctx_set_dry_run(nint context, [MarshalAs(UnmanagedType.U1)] bool dry);
}
