using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Tapline.Labs.Faults;

namespace Tapline.Tests.Architecture;

/// <summary>What docs/design.md fixes about the layout, and what the documents say of it, is true.</summary>
public sealed partial class ArchitectureTests
{
    private const int LongestFile = 500;
    private static readonly string Root = FindRoot();

    [Theory]
    [InlineData("Tapline.Core", "")]
    [InlineData("Tapline.Wire", "")]
    [InlineData("Tapline.Store", "Tapline.Core")]
    [InlineData("Tapline.Server", "Tapline.Core Tapline.Store")]
    [InlineData("Tapline.Agent", "Tapline.Core Tapline.Wire")]
    [InlineData("Tapline", "Tapline.Agent Tapline.Core Tapline.Server Tapline.Store Tapline.Wire")]
    public void A_project_refers_to_those_below_it_alone(string project, string references) =>
        Assert.Equal(references, string.Join(' ', Items(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)));

    [Fact]
    public void Every_project_has_its_place_in_the_layout() =>
        Assert.Equal(
            ["Tapline", "Tapline.Agent", "Tapline.Core", "Tapline.Server", "Tapline.Store", "Tapline.Wire"],
            Directory.EnumerateDirectories(Path.Combine(Root, "src")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("Tapline.Core", "Microsoft.CodeAnalysis.BannedApiAnalyzers")]
    [InlineData("Tapline.Wire", "")]
    [InlineData("Tapline.Agent", "")]
    public void Core_wire_and_agent_need_no_package(string project, string analyzers) =>
        Assert.Equal(analyzers, string.Join(' ', Items(project, "PackageReference")));

    [Fact]
    public void Core_does_no_io() =>
        Assert.Empty(Sources("src/Tapline.Core").Where(file => Impure().IsMatch(File.ReadAllText(file))).Select(Relative));

    [Fact]
    public void Server_and_agent_meet_over_http_alone()
    {
        Assert.Empty(Sources("src/Tapline.Server").Where(file => File.ReadAllText(file).Contains("Tapline.Agent", StringComparison.Ordinal)).Select(Relative));
        Assert.Empty(Sources("src/Tapline.Agent").Where(file => File.ReadAllText(file).Contains("Tapline.Server", StringComparison.Ordinal)).Select(Relative));
    }

    [Fact]
    public void Bytes_know_no_cloud() =>
        Assert.Empty(Sources("src/Tapline.Wire").Where(file => File.ReadAllText(file).Contains("Tapline.Core", StringComparison.Ordinal)).Select(Relative));

    [Fact]
    public void The_doctor_knows_no_fault_by_heart()
    {
        var names = FaultCatalogue.All.SelectMany(fault => new[] { fault.Id, $"\"{fault.Id[(fault.Id.IndexOf('-', StringComparison.Ordinal) + 1)..]}\"" })
            .Append("Labs.Faults").ToList();
        var entries = FaultCatalogue.All.Select(fault => fault.Id[..fault.Id.IndexOf('-', StringComparison.Ordinal)].ToUpperInvariant()).Distinct();
        var entry = new Regex($@"\b({string.Join('|', entries)})\b");

        Assert.Empty(from file in Sources("src/Tapline.Core/Doctor").Concat(Sources("src/Tapline/Doctor")).Concat(Sources("src/Tapline.Agent/Probing"))
                     let text = File.ReadAllText(file)
                     where names.Exists(name => text.Contains(name, StringComparison.Ordinal)) || entry.IsMatch(text)
                     select Relative(file));
    }

    [Fact]
    public void Interfaces_are_at_the_borders() =>
        Assert.Equal(["IHost", "IStore"], Sources("src").SelectMany(file => Interfaces().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));

    [Fact]
    public void A_file_can_be_read_in_one_go() =>
        Assert.Empty(Sources("src").Where(file => File.ReadLines(file).Count() > LongestFile).Select(Relative));

    [Fact]
    public void A_namespace_is_a_folder() =>
        Assert.Empty(Sources("src").Where(file => !IsInItsFolder(file)).Select(Relative));

    [Fact]
    public void What_a_document_names_exists()
    {
        Assert.NotEmpty(Documents().SelectMany(PathsIn));
        Assert.Empty(from document in Documents()
                     from path in PathsIn(document)
                     where !File.Exists(path) && !Directory.Exists(path)
                     select $"{Relative(document)}: {Relative(path)}");
    }

    [Fact]
    public void Nothing_refers_to_the_machine_it_was_written_on()
    {
        string[] foreign = ["/wo" + "rk/", "/ho" + "me/", "/tmp/" + "wt/"];
        var files = Documents().Concat(Sources("src")).Concat(Sources("tests")).Concat(Directory.EnumerateFiles(Path.Combine(Root, "scripts")));

        Assert.Empty(from file in files
                     let text = File.ReadAllText(file)
                     from path in foreign
                     where text.Contains(path, StringComparison.Ordinal)
                     select $"{Relative(file)}: {path}");
    }

    private static IEnumerable<string> Items(string project, string item) =>
        XDocument.Load(Path.Combine(Root, "src", project, $"{project}.csproj")).Descendants(item).Select(element => element.Attribute("Include")!.Value);

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Documents() =>
        Directory.EnumerateFiles(Root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories));

    /// <summary>Links, from the document; and what stands in backticks and begins as a path of the repository.</summary>
    private static IEnumerable<string> PathsIn(string document)
    {
        var text = File.ReadAllText(document);
        var tops = Directory.EnumerateDirectories(Root).Select(path => Path.GetFileName(path)!).Where(name => name != "artifacts").ToHashSet();
        var links = Links().Matches(text).Select(match => match.Groups[1].Value).Where(link => !link.Contains("://", StringComparison.Ordinal));
        var ticked = Ticked().Matches(text).Select(match => match.Groups[1].Value).Where(path => tops.Contains(path.Split('/')[0]) && path.Contains('/', StringComparison.Ordinal));
        return
        [
            .. links.Select(link => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(document)!, link))),
            .. ticked.Select(path => Path.Combine(Root, path)),
        ];
    }

    /// <summary>Tapline.Core/Model is namespace Tapline.Core.Model.</summary>
    private static bool IsInItsFolder(string file)
    {
        var expected = Path.GetDirectoryName(Path.GetRelativePath(Path.Combine(Root, "src"), file))!.Replace('/', '.');
        return NamespaceOf().Match(File.ReadAllText(file)) is not { Success: true } match || match.Groups[1].Value == expected;
    }

    private static string Relative(string path) => Path.GetRelativePath(Root, path);

    private static string FindRoot([CallerFilePath] string file = "")
    {
        var folder = Path.GetDirectoryName(file)!;
        while (!File.Exists(Path.Combine(folder, "Tapline.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    [GeneratedRegex("^\\s*(?:public |internal |private |protected |partial )*interface (\\w+)", RegexOptions.Multiline)]
    private static partial Regex Interfaces();

    [GeneratedRegex("\\]\\(([^)#\\s]+)[^)]*\\)")]
    private static partial Regex Links();

    [GeneratedRegex("`([\\w.][\\w./-]*)`")]
    private static partial Regex Ticked();

    [GeneratedRegex("^namespace ([\\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceOf();

    [GeneratedRegex("\\b(?:File|Directory|Process|Socket|HttpClient|Console|Task|Thread)\\.|\\basync |\\bDateTime(?:Offset)?\\.(?:Utc)?Now|Guid\\.NewGuid|\\bRandom\\.|Stopwatch\\.")]
    private static partial Regex Impure();
}
