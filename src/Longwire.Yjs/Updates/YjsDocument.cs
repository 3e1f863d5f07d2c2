using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Longwire.Yjs;

/// <summary>
/// A Yjs document as its updates: it takes updates in any order and any number of times, and writes the state, or what somebody lacks of
/// it. It doesn't know the text, which only clients need. Not thread safe.
/// </summary>
/// <remarks>
/// Updates are of the format V1, which y-websocket speaks. A peer's bytes are checked to the last byte and is never thrown on. An
/// update is taken in the time that its own length takes, whatever the document's. The output equals byte for byte what npm's
/// <c>mergeUpdates</c> and
/// <c>diffUpdate</c> write where the format leaves no choice, else it loads to the same document.
/// </remarks>
public sealed class YjsDocument
{
    private readonly bool _joins;
    private readonly Dictionary<long, ClientStructs> _clients = [];
    private readonly DeleteSet _deleted = new();
    private ClientStructs[]? _order;
    private long _structsCost;

    /// <summary>Makes an empty document.</summary>
    public YjsDocument() { }

    /// <summary>
    /// Makes an empty document that may join structs: smaller, and loading to the same, but not written byte for byte as npm's
    /// <c>mergeUpdates</c> does.
    /// </summary>
    internal YjsDocument(bool joinsStructs) => _joins = joinsStructs;

    /// <summary>The approximate memory of the document, in bytes.</summary>
    public long MemoryBytes =>
        _structsCost + ((long)_deleted.RangeCount * DeletedRange.Cost) + ((long)_deleted.ClientCount * ParsedUpdate.ClientCost);

    /// <summary>How many holes there are, where something has not come yet.</summary>
    internal int HoleCount { get; private set; }

    /// <summary>Takes an update.</summary>
    /// <param name="update">The update, which is copied.</param>
    /// <param name="error">Why it can't be taken; the document is then as it was.</param>
    public bool TryApply(ReadOnlySpan<byte> update, [NotNullWhen(false)] out YjsError? error)
    {
        if (!ParsedUpdate.TryRead(update.ToArray(), int.MaxValue, out ParsedUpdate? parsed, out error))
        {
            return false;
        }

        Apply(parsed);
        return true;
    }

    /// <summary>Everything, as one update.</summary>
    public byte[] EncodeState() => Encode(StateVector.Nothing, 0);

    /// <summary>The difference to a state vector: the structs behind it, and all deletions.</summary>
    /// <param name="stateVector">The state vector, as a peer sent it.</param>
    /// <param name="difference">An update.</param>
    /// <param name="error">Why the vector can't be read.</param>
    public bool TryEncodeDifference(
        ReadOnlySpan<byte> stateVector,
        [NotNullWhen(true)] out byte[]? difference,
        [NotNullWhen(false)] out YjsError? error
    )
    {
        difference = StateVector.TryRead(stateVector, out StateVector? vector, out error) ? Encode(vector, 0) : null;
        return difference is not null;
    }

    /// <summary>How much of each client the document has, without a hole from the first clock on.</summary>
    public byte[] EncodeStateVector()
    {
        long count = 0;
        long length = 0;
        foreach (ClientStructs client in InOrder())
        {
            if (client.ContiguousEnd > 0)
            {
                count++;
                length += Lib0Writer.LengthOf(client.Client) + Lib0Writer.LengthOf(client.ContiguousEnd);
            }
        }

        byte[] vector = new byte[Lib0Writer.LengthOf(count) + length];
        var writer = new Lib0Writer(vector);
        writer.WriteVarUint(count);
        foreach (ClientStructs client in InOrder())
        {
            if (client.ContiguousEnd > 0)
            {
                writer.WriteVarUint(client.Client);
                writer.WriteVarUint(client.ContiguousEnd);
            }
        }

        return vector;
    }

    /// <summary>Whether an update says anything that the document doesn't know.</summary>
    internal bool IsNew(ParsedUpdate update)
    {
        foreach ((long client, StructRun run) in update.Runs)
        {
            if (!_clients.TryGetValue(client, out ClientStructs? known) || !known.Has(run.Clock, run.End))
            {
                return true;
            }
        }

        return !_deleted.Has(update.Deleted);
    }

    /// <summary>Takes an update that was read.</summary>
    /// <returns>Whether anything in it is new.</returns>
    internal bool Apply(ParsedUpdate update)
    {
        bool changed = false;
        ReadOnlySpan<(long Client, StructRun Run)> runs = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(update.Runs);
        while (!runs.IsEmpty)
        {
            long id = runs[0].Client;
            int count = 1;
            while (count < runs.Length && runs[count].Client == id)
            {
                count++;
            }

            if (!_clients.TryGetValue(id, out ClientStructs? client))
            {
                _clients.Add(id, client = new ClientStructs(id, _joins));
                _structsCost += ParsedUpdate.ClientCost;
                _order = null;
            }

            long before = client.ByteCount + ((long)client.RunCount * StructRun.Cost);
            int holesBefore = client.HoleCount;
            changed |= client.Add(runs[..count]);
            HoleCount += client.HoleCount - holesBefore;
            _structsCost += client.ByteCount + ((long)client.RunCount * StructRun.Cost) - before;
            runs = runs[count..];
        }

        return _deleted.Add(update.Deleted) || changed;
    }

    /// <summary>The difference to a state vector, with room before it for the caller's header.</summary>
    internal byte[] Encode(StateVector vector, int room)
    {
        var parts = new List<(ClientStructs Client, StructRun First, int Next, long Count)>(_clients.Count);
        long length = _deleted.Measure();
        foreach (ClientStructs client in InOrder())
        {
            if (client.Measure(vector[client.Client], out StructRun first, out int next, out long count, out long bytes))
            {
                parts.Add((client, first, next, count));
                length += bytes + Lib0Writer.LengthOf(count) + Lib0Writer.LengthOf(client.Client) + Lib0Writer.LengthOf(first.Clock);
            }
        }

        length += Lib0Writer.LengthOf(parts.Count);
        byte[] update = GC.AllocateUninitializedArray<byte>(checked((int)(room + length)));
        var writer = new Lib0Writer(update.AsSpan(room));
        writer.WriteVarUint(parts.Count);
        foreach ((ClientStructs client, StructRun first, int next, long count) in parts)
        {
            writer.WriteVarUint(count);
            writer.WriteVarUint(client.Client);
            writer.WriteVarUint(first.Clock);
            client.Write(ref writer, first, next);
        }

        _deleted.Write(ref writer);
        Debug.Assert(room + writer.Position == update.Length, "What was measured was written.");
        return update;
    }

    // The highest client first, as Yjs writes them.
    private ClientStructs[] InOrder() => _order ??= [.. _clients.Values.OrderByDescending(static client => client.Client)];
}
