using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tapline.Wire.Ovs;

/// <summary>Operations gathered to be committed together, all or none. A transaction is committed once.</summary>
public sealed class OvsdbTransaction
{
    private readonly JsonArray _operations = [];

    public bool IsEmpty => _operations.Count == 0;

    /// <summary>Inserts a row; others in this transaction may refer to it by <see cref="OvsValue.NamedUuid"/>.</summary>
    public OvsdbTransaction Insert(string table, JsonObject row, string? uuidName = null)
    {
        var operation = new JsonObject { ["op"] = "insert", ["table"] = table, ["row"] = row };
        if (uuidName is not null)
        {
            operation["uuid-name"] = uuidName;
        }

        return Add(operation);
    }

    public OvsdbTransaction Update(string table, Guid row, JsonObject columns) =>
        Add(new JsonObject { ["op"] = "update", ["table"] = table, ["where"] = Where(row), ["row"] = columns });

    /// <summary>Changes part of a column: mutator "insert" or "delete" for sets and maps, "+=" and so on for numbers.</summary>
    public OvsdbTransaction Mutate(string table, Guid row, string column, string mutator, JsonNode value) =>
        Add(new JsonObject
        {
            ["op"] = "mutate",
            ["table"] = table,
            ["where"] = Where(row),
            ["mutations"] = new JsonArray((JsonNode)new JsonArray(column, mutator, value)),
        });

    public OvsdbTransaction Delete(string table, Guid row) =>
        Add(new JsonObject { ["op"] = "delete", ["table"] = table, ["where"] = Where(row) });

    /// <summary>Lets the whole transaction fail ("timed out") unless the row has these values now.</summary>
    public OvsdbTransaction Wait(string table, Guid row, JsonObject columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return Add(new JsonObject
        {
            ["op"] = "wait",
            ["timeout"] = 0,
            ["table"] = table,
            ["where"] = Where(row),
            ["columns"] = new JsonArray([.. columns.Select(column => (JsonNode)column.Key)]),
            ["until"] = "==",
            ["rows"] = new JsonArray((JsonNode)columns),
        });
    }

    /// <summary>Text for the database's log.</summary>
    public OvsdbTransaction Comment(string text) => Add(new JsonObject { ["op"] = "comment", ["comment"] = text });

    /// <summary>Commits; returns when the database has it, which is before vswitchd acted on it.</summary>
    public Task<JsonElement> CommitAsync(OvsdbClient client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.TransactAsync(_operations, cancellationToken);
    }

    /// <summary>
    /// Commits and waits until vswitchd has acted on it (next_cfg and cur_cfg, as ovs-vsctl does). vswitchd may be down: give
    /// the wait a deadline. Success says "tried": an interface that could not be made says so in its column "error".
    /// </summary>
    public async Task<JsonElement> CommitAndWaitAsync(OvsdbMirror mirror, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(mirror);
        Add(new JsonObject
        {
            ["op"] = "mutate",
            ["table"] = "Open_vSwitch",
            ["where"] = new JsonArray(),
            ["mutations"] = new JsonArray((JsonNode)new JsonArray("next_cfg", "+=", 1)),
        });
        Add(new JsonObject
        {
            ["op"] = "select",
            ["table"] = "Open_vSwitch",
            ["where"] = new JsonArray(),
            ["columns"] = new JsonArray("next_cfg"),
        });
        var results = await mirror.Client.TransactAsync(_operations, cancellationToken);
        var rows = results[_operations.Count - 1].GetProperty("rows");
        if (rows.GetArrayLength() != 1)
        {
            throw new OvsdbException("commit and wait for vswitchd", "table Open_vSwitch has no row", null);
        }

        var wanted = rows[0].GetProperty("next_cfg").GetInt64();
        await mirror.WaitForAsync(state => state.Configuration?.GetLong("cur_cfg") >= wanted, cancellationToken);
        return results;
    }

    internal string ToJson() => _operations.ToJsonString();

    private static JsonArray Where(Guid row) => new((JsonNode)new JsonArray("_uuid", "==", OvsValue.Uuid(row)));

    private OvsdbTransaction Add(JsonObject operation)
    {
        _operations.Add((JsonNode)operation);
        return this;
    }
}
