using System.Text.Json.Nodes;
using Tapline.Core.Host;
using Tapline.Wire.Ovs;

namespace Tapline.Agent.Apply;

/// <summary>Bridges and ports, by transactions on Open vSwitch's database.</summary>
internal sealed class SwitchApplier(SwitchConnection connection)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);
    private bool _isUnsettled;

    public async Task PutAsync(HostItem.OvsBridge wanted, CancellationToken cancellationToken)
    {
        var mirror = await connection.MirrorAsync(cancellationToken).ConfigureAwait(false);
        var columns = new JsonObject
        {
            ["datapath_type"] = wanted.DatapathType,
            ["fail_mode"] = wanted.FailMode,
        };
        var transaction = new OvsdbTransaction();
        if (mirror.Current.Named("Bridge", wanted.Name) is { } row)
        {
            transaction.Update("Bridge", row.Uuid, columns);
            if (!row.GetMap("external_ids").ContainsKey(Marks.ExternalId))
            {
                transaction.Mutate("Bridge", row.Uuid, "external_ids", "insert", OvsValue.Map([new(Marks.ExternalId, HostItem.OvsBridge.Adopted)]));
            }
        }
        else
        {
            columns["name"] = wanted.Name;
            columns["external_ids"] = OvsValue.Map([new(Marks.ExternalId, wanted.Owner)]);
            columns["other_config"] = OvsValue.Map([new("mac-table-size", "50000")]);
            columns["ports"] = OvsValue.NamedUuid("port");
            transaction.Insert("Interface", new JsonObject { ["name"] = wanted.Name, ["type"] = "internal" }, "device");
            transaction.Insert("Port", new JsonObject { ["name"] = wanted.Name, ["interfaces"] = OvsValue.NamedUuid("device") }, "port");
            transaction.Insert("Bridge", columns, "bridge");
            transaction.Mutate("Open_vSwitch", Root(mirror), "bridges", "insert", OvsValue.Set(OvsValue.NamedUuid("bridge")));
        }

        using var limit = Limit(cancellationToken);
        await transaction.CommitAndWaitAsync(mirror, limit.Token).ConfigureAwait(false);
    }

    public async Task DeleteAsync(HostItem.OvsBridge item, CancellationToken cancellationToken)
    {
        var mirror = await connection.MirrorAsync(cancellationToken).ConfigureAwait(false);
        if (mirror.Current.Named("Bridge", item.Name) is { } row)
        {
            var transaction = new OvsdbTransaction().Mutate("Open_vSwitch", Root(mirror), "bridges", "delete", OvsValue.Set(OvsValue.Uuid(row.Uuid)));
            await transaction.CommitAsync(mirror.Client, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task PutAsync(HostItem.OvsPort wanted, CancellationToken cancellationToken)
    {
        var mirror = await connection.MirrorAsync(cancellationToken).ConfigureAwait(false);
        var bridge = mirror.Current.Named("Bridge", wanted.Bridge)
            ?? throw new HostException($"{wanted.Key}: bridge {wanted.Bridge} is not there");
        var transaction = new OvsdbTransaction();
        var port = mirror.Current.Named("Port", wanted.Name);
        if (port is not null && !bridge.GetUuids("ports").Contains(port.Uuid))
        {
            RemoveFromItsBridge(transaction, mirror.Current, port);
            port = null;
        }

        if (port is null)
        {
            Insert(transaction, wanted, bridge);
        }
        else
        {
            Update(transaction, mirror.Current, wanted, port);
        }

        _isUnsettled = true;
        await transaction.CommitAsync(mirror.Client, cancellationToken).ConfigureAwait(false);
    }

    public async Task DeleteAsync(HostItem.OvsPort item, CancellationToken cancellationToken)
    {
        var mirror = await connection.MirrorAsync(cancellationToken).ConfigureAwait(false);
        if (mirror.Current.Named("Port", item.Name) is { } port)
        {
            var transaction = new OvsdbTransaction();
            RemoveFromItsBridge(transaction, mirror.Current, port);
            await transaction.CommitAsync(mirror.Client, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the port of that device out, if there is one, and returns when ovs-vswitchd has closed the device.</summary>
    public async Task DetachAsync(string device, CancellationToken cancellationToken)
    {
        var mirror = await connection.MirrorAsync(cancellationToken).ConfigureAwait(false);
        if (mirror.Current.Named("Port", device) is { } port)
        {
            var transaction = new OvsdbTransaction();
            RemoveFromItsBridge(transaction, mirror.Current, port);
            using var limit = Limit(cancellationToken);
            await transaction.CommitAndWaitAsync(mirror, limit.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Returns when ovs-vswitchd has made what the database says, so that port names have numbers.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        var mirror = await connection.MirrorAsync(cancellationToken).ConfigureAwait(false);
        using var limit = Limit(cancellationToken);
        await new OvsdbTransaction().CommitAndWaitAsync(mirror, limit.Token).ConfigureAwait(false);
        _isUnsettled = false;
    }

    /// <summary>
    /// The same where ports were added since: what comes next speaks through them, and its first ARP or DHCP request would be lost
    /// and repeated a second later.
    /// </summary>
    public Task SettlePortsAsync(CancellationToken cancellationToken) => _isUnsettled ? SettleAsync(cancellationToken) : Task.CompletedTask;

    private static CancellationTokenSource Limit(CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Deadline);
        return limit;
    }

    private static Guid Root(OvsdbMirror mirror) =>
        mirror.Current.Configuration?.Uuid ?? throw new HostException("Open vSwitch's database has no Open_vSwitch row: run 'ovs-vsctl init'");

    private static void Insert(OvsdbTransaction transaction, HostItem.OvsPort wanted, OvsRow bridge)
    {
        var device = new JsonObject
        {
            ["name"] = wanted.Name,
            ["type"] = wanted.PatchPeer is null ? "" : "patch",
            ["options"] = OvsValue.Map(Options(wanted)),
            ["external_ids"] = OvsValue.Map(Ids(wanted)),
        };
        var port = new JsonObject
        {
            ["name"] = wanted.Name,
            ["interfaces"] = OvsValue.NamedUuid("device"),
            ["tag"] = Tag(wanted),
            ["external_ids"] = OvsValue.Map([new(Marks.ExternalId, wanted.Owner)]),
        };
        transaction.Insert("Interface", device, "device");
        transaction.Insert("Port", port, "port");
        transaction.Mutate("Bridge", bridge.Uuid, "ports", "insert", OvsValue.Set(OvsValue.NamedUuid("port")));
    }

    private static void Update(OvsdbTransaction transaction, OvsdbSnapshot database, HostItem.OvsPort wanted, OvsRow port)
    {
        transaction.Update("Port", port.Uuid, new JsonObject { ["tag"] = Tag(wanted) });
        Replace(transaction, "Port", port.Uuid, "external_ids", [new(Marks.ExternalId, wanted.Owner)]);
        foreach (var device in database.InterfacesOf(port))
        {
            Replace(transaction, "Interface", device.Uuid, "external_ids", Ids(wanted));
            if (wanted.PatchPeer is not null)
            {
                transaction.Update("Interface", device.Uuid, new JsonObject { ["type"] = "patch", ["options"] = OvsValue.Map(Options(wanted)) });
            }
        }
    }

    /// <summary>Sets these keys of a map and leaves the others; "insert" alone would keep a key's old value.</summary>
    private static void Replace(OvsdbTransaction transaction, string table, Guid row, string column, List<KeyValuePair<string, string>> values)
    {
        transaction.Mutate(table, row, column, "delete", OvsValue.Set([.. values.Select(pair => (JsonNode?)pair.Key)]));
        transaction.Mutate(table, row, column, "insert", OvsValue.Map(values));
    }

    private static void RemoveFromItsBridge(OvsdbTransaction transaction, OvsdbSnapshot database, OvsRow port)
    {
        foreach (var bridge in database.Bridges.Where(bridge => bridge.GetUuids("ports").Contains(port.Uuid)))
        {
            transaction.Mutate("Bridge", bridge.Uuid, "ports", "delete", OvsValue.Set(OvsValue.Uuid(port.Uuid)));
        }
    }

    private static JsonNode Tag(HostItem.OvsPort wanted) => wanted.Tag is { } tag ? tag : OvsValue.Set();

    private static List<KeyValuePair<string, string>> Options(HostItem.OvsPort wanted) =>
        wanted.PatchPeer is { } peer ? [new("peer", peer)] : [];

    private static List<KeyValuePair<string, string>> Ids(HostItem.OvsPort wanted) =>
        [.. wanted.ExternalIds.Select(setting => new KeyValuePair<string, string>(setting.Name, setting.Value))];
}
