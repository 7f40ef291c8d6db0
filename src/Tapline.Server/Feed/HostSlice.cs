using System.Text.Json;
using Tapline.Core.Model;

namespace Tapline.Server.Feed;

/// <summary>One host's newest slice; its revision moves only when its content does.</summary>
internal sealed class HostSlice(string host, string storeId)
{
    private readonly Lock _gate = new(); // guards all below: a host may poll twice at once, and the status asks too
    private Topology? _topology;
    private Slice? _slice;
    private byte[]? _json;

    public Slice Of(Topology topology)
    {
        lock (_gate)
        {
            if (_slice is null || _topology is null)
            {
                _slice = Slicer.Of(topology, host, storeId);
                _topology = topology;
            }
            else if (topology.Revision > _topology.Revision)
            {
                Renew(topology, _topology, _slice);
                _topology = topology;
            }

            return _slice;
        }
    }

    /// <summary>The slice as it goes over the wire.</summary>
    public byte[] Json(Slice slice)
    {
        lock (_gate)
        {
            return slice != (object?)_slice ? Write(slice) : _json ??= Write(slice);
        }
    }

    private void Renew(Topology topology, Topology before, Slice known)
    {
        if (Slicer.HaveSameInputs(topology, before))
        {
            return;
        }

        var slice = Slicer.Of(topology, host, storeId);
        if (!Slicer.HaveSameContent(slice, known))
        {
            _slice = slice;
            _json = null;
        }
    }

    private static byte[] Write(Slice slice) => JsonSerializer.SerializeToUtf8Bytes(slice, ModelJson.Default.Slice);
}
