using System.Text.Json;
using Tapline.Core.Model;

namespace Tapline.Agent.Feed;

/// <summary>The last slice on disk: what an agent carries out while no server answers.</summary>
internal static class SliceFile
{
    public static Slice? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), ModelJson.Default.Slice) : null;
        }
        catch (JsonException)
        {
            return null; // A torn file is as good as none: the server's next slice replaces it.
        }
    }

    public static void Write(string path, Slice slice)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = path + ".new";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(slice, ModelJson.Default.Slice));
        File.Move(temporary, path, overwrite: true);
    }
}
