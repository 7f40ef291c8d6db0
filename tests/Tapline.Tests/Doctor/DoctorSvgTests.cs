using System.Xml.Linq;
using Tapline.Doctor;
using static Tapline.Tests.Doctor.PathBed;

namespace Tapline.Tests.Doctor;

/// <summary>The picture says all that the verdict says, and none of it runs out at its side.</summary>
public sealed class DoctorSvgTests
{
    private const int Widest = 110; // letters of 13 pixels, some 7 wide, in 840 less both edges

    [Fact]
    public void What_is_wrong_and_what_mends_it_is_told_whole_in_lines_that_fit()
    {
        var report = PingOut(Healthy.WithSysctl(Router, "net/ipv4/ip_forward", "0").WithSysctl(Router, $"net/ipv4/conf/{Qr}/forwarding", "0"));

        var lines = XDocument.Parse(DoctorSvg.Of(report)).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value).ToList();

        var cause = Assert.Single(report.Causes).Fault;
        Assert.Contains(cause.Summary, string.Join(' ', lines), StringComparison.Ordinal);
        Assert.Contains($"mend: {Assert.Single(cause.Fix!.Commands)}", string.Join(' ', lines), StringComparison.Ordinal);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, Widest));
    }
}
