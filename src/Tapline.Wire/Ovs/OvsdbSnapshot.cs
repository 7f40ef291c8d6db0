using System.Collections.Immutable;
using System.Text.Json;

namespace Tapline.Wire.Ovs;

/// <summary>The monitored tables at one moment, immutable: table → row id → row.</summary>
public sealed class OvsdbSnapshot(ImmutableDictionary<string, ImmutableDictionary<Guid, OvsRow>> tables)
{
    public static OvsdbSnapshot Empty { get; } = new(ImmutableDictionary<string, ImmutableDictionary<Guid, OvsRow>>.Empty);

    public ImmutableDictionary<string, ImmutableDictionary<Guid, OvsRow>> Tables { get; } = tables;

    public IEnumerable<OvsRow> Bridges => Rows("Bridge").Values;

    public IEnumerable<OvsRow> Ports => Rows("Port").Values;

    public IEnumerable<OvsRow> Interfaces => Rows("Interface").Values;

    /// <summary>The one row of table Open_vSwitch; null before the database was initialised.</summary>
    public OvsRow? Configuration => Rows("Open_vSwitch").Values.FirstOrDefault();

    public ImmutableDictionary<Guid, OvsRow> Rows(string table) =>
        Tables.GetValueOrDefault(table) ?? ImmutableDictionary<Guid, OvsRow>.Empty;

    /// <summary>The row of that name, or null.</summary>
    public OvsRow? Named(string table, string name) => Rows(table).Values.FirstOrDefault(row => row.Name == name);

    /// <summary>The rows of another table that a column refers to; ids that are not (yet) there are passed over.</summary>
    public IEnumerable<OvsRow> Referred(OvsRow row, string column, string table)
    {
        ArgumentNullException.ThrowIfNull(row);
        var rows = Rows(table);
        return row.GetUuids(column).Select(id => rows.GetValueOrDefault(id)).OfType<OvsRow>();
    }

    public IEnumerable<OvsRow> PortsOf(OvsRow bridge) => Referred(bridge, "ports", "Port");

    public IEnumerable<OvsRow> InterfacesOf(OvsRow port) => Referred(port, "interfaces", "Interface");

    /// <summary>This state after RFC 7047's table-updates.</summary>
    internal OvsdbSnapshot With(JsonElement tableUpdates)
    {
        var tables = Tables.ToBuilder();
        foreach (var table in tableUpdates.EnumerateObject())
        {
            var rows = (tables.GetValueOrDefault(table.Name) ?? ImmutableDictionary<Guid, OvsRow>.Empty).ToBuilder();
            foreach (var row in table.Value.EnumerateObject())
            {
                var id = Guid.Parse(row.Name);
                if (row.Value.TryGetProperty("new", out var columns))
                {
                    rows[id] = new OvsRow(id, columns);
                }
                else
                {
                    rows.Remove(id);
                }
            }

            tables[table.Name] = rows.ToImmutable();
        }

        return new OvsdbSnapshot(tables.ToImmutable());
    }
}
