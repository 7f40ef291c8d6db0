using Tapline.Core.Doctor.Tracing;

namespace Tapline.Doctor;

/// <summary>Request and reply side by side, a row a device: what text and SVG draw.</summary>
internal static class Picture
{
    /// <summary>Rows from the sender down; the reply's hops stand beside the request's of the same device.</summary>
    public static IReadOnlyList<PictureRow> Rows(IReadOnlyList<Hop> request, IReadOnlyList<Hop> reply)
    {
        var down = Stations(request);
        var up = Stations(reply);
        up.Reverse();
        var common = Common(down, up);
        var rows = new List<PictureRow>();
        var (left, right) = (0, 0);
        foreach (var (there, back) in common.Append((down.Count, up.Count)))
        {
            rows.AddRange(down[left..there].Select(hop => new PictureRow(hop, null)));
            rows.AddRange(up[right..back].Select(hop => new PictureRow(null, hop)));
            if (there < down.Count && back < up.Count)
            {
                rows.Add(new PictureRow(down[there], up[back]));
            }

            (left, right) = (there + 1, back + 1);
        }

        return rows;
    }

    /// <summary>The packet's own hops; where only ARP went, ARP's. A device that is passed in one go is one station.</summary>
    private static List<Hop> Stations(IReadOnlyList<Hop> hops)
    {
        var own = hops.Any(hop => !hop.Packet.IsArp) ? hops.Where(hop => !hop.Packet.IsArp) : hops;
        var stations = new List<Hop>();
        foreach (var hop in own.Where(hop => hop.Device.Length > 0))
        {
            if (stations.Count > 0 && Same(stations[^1], hop))
            {
                stations[^1] = hop.State == HopState.Pass ? stations[^1] : hop with { Packet = stations[^1].Packet };
                continue;
            }

            stations.Add(hop);
        }

        return stations;
    }

    /// <summary>The longest common run of devices in order, as pairs of positions.</summary>
    private static List<(int Left, int Right)> Common(List<Hop> left, List<Hop> right)
    {
        var longest = new int[left.Count + 1, right.Count + 1];
        for (var i = left.Count - 1; i >= 0; i--)
        {
            for (var j = right.Count - 1; j >= 0; j--)
            {
                longest[i, j] = Same(left[i], right[j]) ? longest[i + 1, j + 1] + 1 : Math.Max(longest[i + 1, j], longest[i, j + 1]);
            }
        }

        var pairs = new List<(int Left, int Right)>();
        for (var (i, j) = (0, 0); i < left.Count && j < right.Count;)
        {
            if (Same(left[i], right[j]))
            {
                pairs.Add((i++, j++));
            }
            else if (longest[i + 1, j] >= longest[i, j + 1])
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return pairs;
    }

    private static bool Same(Hop left, Hop right) => left.Device == right.Device && left.Namespace == right.Namespace && left.Host == right.Host;
}

/// <summary>A device with what each direction did there; null where a direction did not come by.</summary>
internal sealed record PictureRow(Hop? Request, Hop? Reply)
{
    public Hop Station => (Request ?? Reply)!;
}
