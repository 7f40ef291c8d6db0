using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Tapline.Core.Primitives;

namespace Tapline.Store;

/// <summary>
/// The tables of a <see cref="SqliteStore"/> and every statement on them, prepared once for one connection. After kine: one table
/// of events, never updated; what a key is now is its last event.
/// </summary>
internal sealed class SqliteTables : IDisposable
{
    /// <summary>An event's position is its revision in the upper bits, its number within the transaction in the lower ones.</summary>
    private const int RevisionShift = 20;

    private const string Schema =
        """
        CREATE TABLE IF NOT EXISTS event (
            position INTEGER PRIMARY KEY, -- revision << 20 | number within the transaction: appending, with no index for the order
            key      TEXT NOT NULL,
            previous INTEGER NOT NULL,    -- the revision of this key's event before, 0 for none
            created  INTEGER NOT NULL,    -- the revision that made the key exist
            value    BLOB                 -- null: the key was deleted
        ) STRICT;
        -- Unique, so that two events can not both follow the same one: compare-and-set is this index. It also finds a key's last event.
        CREATE UNIQUE INDEX IF NOT EXISTS event_key ON event (key, previous);
        CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        INSERT OR IGNORE INTO meta VALUES ('store_id', $store_id), ('compacted', '0');
        PRAGMA user_version = 1;
        """;

    private const string SelectMeta = "SELECT value FROM meta WHERE name = $name";

    private const string SelectLastRevision = "SELECT coalesce(max(position), 0) >> 20 FROM event";

    private const string SelectLatest =
        "SELECT position >> 20, created, value FROM event WHERE key = $key ORDER BY previous DESC LIMIT 1";

    private const string SelectModified =
        "SELECT position >> 20, created, value IS NULL FROM event WHERE key = $key ORDER BY previous DESC LIMIT 1";

    private const string SelectPrefix =
        """
        SELECT position >> 20, key, created, value FROM event AS e
        WHERE key >= $prefix AND key < $end AND value IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM event AS later WHERE later.key = e.key AND later.previous = e.position >> 20)
        ORDER BY key
        """;

    private const string SelectEvents =
        """
        SELECT position >> 20, key, created, value FROM event
        WHERE position >= $from << 20 AND position < ($to + 1) << 20 AND key >= $prefix AND key < $end
        ORDER BY position
        """;

    private const string InsertEvent =
        "INSERT INTO event (position, key, previous, created, value) VALUES ($position, $key, $previous, $created, $value)";

    // A deletion goes itself; a put goes where a later event, also within the compacted part, has taken its place.
    private const string DeleteCompacted =
        """
        DELETE FROM event
        WHERE position < ($revision + 1) << 20
            AND (value IS NULL OR EXISTS (
                SELECT 1 FROM event AS later
                WHERE later.key = event.key AND later.previous = event.position >> 20 AND later.position < ($revision + 1) << 20))
        """;

    private const string UpdateCompacted = "UPDATE meta SET value = $revision WHERE name = 'compacted'";

    private const int MostKnown = 1024;

    private readonly SqliteConnection _connection;
    private readonly List<SqliteCommand> _commands = [];
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _beginRead;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _rollback;
    private readonly SqliteCommand _meta;
    private readonly SqliteCommand _lastRevision;
    private readonly SqliteCommand _latest;
    private readonly SqliteCommand _modified;
    private readonly SqliteCommand _prefix;
    private readonly SqliteCommand _events;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _deleteCompacted;
    private readonly SqliteCommand _updateCompacted;

    /// <summary>Last events looked for lately: what many transactions compare, as a network that ports are made on. No other connection writes.</summary>
    private readonly Dictionary<string, (long Revision, long Modified, long Created)> _known = [];

    /// <summary>Opens the database and makes the tables where there are none.</summary>
    public SqliteTables(string path)
    {
        // Pooling would keep the file open after Dispose. A busy database is another program's doing: say so at once.
        _connection = new SqliteConnection($"Data Source={path};Pooling=False;Default Timeout=1");
        _connection.Open();
        Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000");
        var version = Convert.ToInt64(Prepare("PRAGMA user_version").ExecuteScalar(), CultureInfo.InvariantCulture);
        if (version > 1)
        {
            throw new StoreException($"{path} was written by a newer Tapline (schema {version}, this one knows 1).");
        }

        if (version == 0)
        {
            Execute(Schema, ("$store_id", Guid.NewGuid().ToString("D")));
        }

        _begin = Prepare("BEGIN IMMEDIATE");
        _beginRead = Prepare("BEGIN DEFERRED");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
        _meta = Prepare(SelectMeta, "$name");
        _lastRevision = Prepare(SelectLastRevision);
        _latest = Prepare(SelectLatest, "$key");
        _modified = Prepare(SelectModified, "$key");
        _prefix = Prepare(SelectPrefix, "$prefix", "$end");
        _events = Prepare(SelectEvents, "$from", "$to", "$prefix", "$end");
        _insert = Prepare(InsertEvent, "$position", "$key", "$previous", "$created", "$value");
        _deleteCompacted = Prepare(DeleteCompacted, "$revision");
        _updateCompacted = Prepare(UpdateCompacted, "$revision");
    }

    public string StoreId => Meta("store_id");

    public Revision Compacted => new(long.Parse(Meta("compacted"), CultureInfo.InvariantCulture));

    /// <summary>Also right where the newest events were deletions that compaction took away.</summary>
    public Revision LastRevision => new(Math.Max((long)_lastRevision.ExecuteScalar()!, Compacted.Value));

    public void Begin() => _begin.ExecuteNonQuery();

    /// <summary>All reads up to the commit see one state.</summary>
    public void BeginRead() => _beginRead.ExecuteNonQuery();

    public void Commit() => _commit.ExecuteNonQuery();

    /// <summary>Ends the open transaction if there still is one: SQLite itself ends it on some errors.</summary>
    public void Rollback()
    {
        _known.Clear();
        try
        {
            _rollback.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // "no transaction is active"; were one left open, the next Begin would say so
        }
    }

    public Entry? Find(string key)
    {
        _latest.Parameters[0].Value = key;
        using var row = _latest.ExecuteReader();
        return !row.Read() || row.IsDBNull(2)
            ? null
            : new Entry(key, row.GetFieldValue<byte[]>(2), new Revision(row.GetInt64(1)), new Revision(row.GetInt64(0)));
    }

    public List<Entry> List(string prefix)
    {
        _prefix.Parameters[0].Value = prefix;
        _prefix.Parameters[1].Value = EndOf(prefix);
        using var row = _prefix.ExecuteReader();
        var entries = new List<Entry>();
        while (row.Read())
        {
            entries.Add(ReadEntry(row));
        }

        return entries;
    }

    /// <summary>The batches between two revisions, both included.</summary>
    public List<EventBatch> Events(string prefix, Revision from, Revision to)
    {
        _events.Parameters[0].Value = from.Value;
        _events.Parameters[1].Value = to.Value;
        _events.Parameters[2].Value = prefix;
        _events.Parameters[3].Value = EndOf(prefix);
        using var row = _events.ExecuteReader();
        var batches = new List<EventBatch>();
        var events = new List<Event>();
        while (row.Read())
        {
            var revision = new Revision(row.GetInt64(0));
            if (batches.Count == 0 || batches[^1].Revision != revision)
            {
                events = [];
                batches.Add(new EventBatch(revision, events));
            }

            var key = row.GetString(1);
            events.Add(new Event(key, row.IsDBNull(3) ? null : ReadEntry(row)));
        }

        return batches;
    }

    /// <summary>
    /// Within a transaction of the database: carries out one of the store's as <paramref name="revision"/>. Adds what happened to
    /// <paramref name="events"/>; answers the compares that did not hold, and has then done nothing.
    /// </summary>
    public IReadOnlyList<Compare> Write(Transaction transaction, Revision revision, List<Event> events)
    {
        List<Compare>? failed = null;
        var known = new Dictionary<string, (long Revision, long Modified, long Created)>();
        foreach (var compare in transaction.Compares)
        {
            known[compare.Key] = Last(compare.Key);
            if (known[compare.Key].Modified != compare.Modified.Value)
            {
                (failed ??= []).Add(compare);
            }
        }

        if (failed is not null)
        {
            return failed;
        }

        foreach (var operation in transaction.Operations)
        {
            var last = known.TryGetValue(operation.Key, out var compared) ? compared : Last(operation.Key);
            if (operation is Operation.Put put)
            {
                var created = last.Modified == 0 ? revision.Value : last.Created;
                Insert(revision, events.Count, put.Key, last.Revision, created, BytesOf(put.Value));
                events.Add(new Event(put.Key, new Entry(put.Key, put.Value, new Revision(created), revision)));
            }
            else if (last.Modified != 0)
            {
                Insert(revision, events.Count, operation.Key, last.Revision, last.Created, DBNull.Value);
                events.Add(new Event(operation.Key, null));
            }
        }

        return [];
    }

    public void Compact(Revision revision)
    {
        _known.Clear();
        _deleteCompacted.Parameters[0].Value = revision.Value;
        _deleteCompacted.ExecuteNonQuery();
        _updateCompacted.Parameters[0].Value = revision.ToString();
        _updateCompacted.ExecuteNonQuery();
    }

    public void Dispose()
    {
        _commands.ForEach(command => command.Dispose());
        _connection.Dispose();
    }

    private static Entry ReadEntry(SqliteDataReader row) =>
        new(row.GetString(1), row.GetFieldValue<byte[]>(3), new Revision(row.GetInt64(2)), new Revision(row.GetInt64(0)));

    /// <summary>The first key behind all those with the prefix; keys are ASCII, as their writers make them.</summary>
    private static string EndOf(string prefix) => prefix.Length == 0 ? "\U0010FFFF" : prefix[..^1] + (char)(prefix[^1] + 1);

    private static byte[] BytesOf(ReadOnlyMemory<byte> value) =>
        MemoryMarshal.TryGetArray(value, out var segment) && segment.Array is { } array && array.Length == segment.Count
            ? array
            : value.ToArray();

    /// <summary>Of a key's last event: its revision, and the key's modified and created revisions, 0 where it does not exist.</summary>
    private (long Revision, long Modified, long Created) Last(string key)
    {
        if (_known.TryGetValue(key, out var known))
        {
            return known;
        }

        _modified.Parameters[0].Value = key;
        using var row = _modified.ExecuteReader();
        if (!row.Read())
        {
            return default;
        }

        if (_known.Count == MostKnown)
        {
            _known.Clear();
        }

        var revision = row.GetInt64(0);
        return _known[key] = row.GetInt64(2) == 1 ? (revision, 0, 0) : (revision, revision, row.GetInt64(1));
    }

    private void Insert(Revision revision, int number, string key, long previous, long created, object value)
    {
        var parameters = _insert.Parameters;
        parameters[0].Value = (revision.Value << RevisionShift) | (uint)number;
        parameters[1].Value = key;
        parameters[2].Value = previous;
        parameters[3].Value = created;
        parameters[4].Value = value;
        _insert.ExecuteNonQuery();
        _known.Remove(key);
    }

    private string Meta(string name)
    {
        _meta.Parameters[0].Value = name;
        return (string)_meta.ExecuteScalar()!;
    }

    private void Execute(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = new SqliteCommand(sql, _connection);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = new SqliteCommand(sql, _connection);
        foreach (var name in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        _commands.Add(command);
        return command;
    }
}
