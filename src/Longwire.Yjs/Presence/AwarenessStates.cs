using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Longwire.Yjs;

/// <summary>
/// The awareness of one document (y-protocols): of each Yjs client a clock and a state. The newer clock wins; a state of which nothing is
/// heard for 30 seconds goes. Changes wait until they are taken, so that they are encoded once for all. Not thread safe.
/// </summary>
internal sealed class AwarenessStates(TimeProvider time, int maxClients, int maxStateBytes)
{
    /// <summary>After how long a state goes of which nothing is heard. Clients renew theirs after half of that.</summary>
    public static readonly TimeSpan Expiry = TimeSpan.FromSeconds(30);

    private static readonly byte[] _null = "null"u8.ToArray();

    private readonly Dictionary<long, AwarenessEntry> _entries = [];
    private readonly HashSet<long> _changed = [];

    public bool HasChanges => _changed.Count > 0;

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Takes what a connection says of one or more clients.</summary>
    /// <param name="update">An awareness update.</param>
    /// <param name="owner">The connection. The clients that it spoke of last go when it closes.</param>
    /// <param name="error">The fault; the entries before it are taken.</param>
    public bool TryApply(ReadOnlySpan<byte> update, object owner, [NotNullWhen(false)] out YjsError? error)
    {
        var reader = new Lib0Reader(update);
        for (long count = reader.ReadVarUint(); count > 0 && !reader.Failed; count--)
        {
            long client = reader.ReadVarUint();
            long clock = reader.ReadVarUint();
            ReadOnlySpan<byte> state = reader.ReadVarBytes();
            if (reader.Failed)
            {
                break;
            }

            ref AwarenessEntry entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, client);
            bool known = !System.Runtime.CompilerServices.Unsafe.IsNullRef(ref entry);
            bool isNull = state.SequenceEqual("null"u8);
            // Clients send on what they hear, so most of it is known already.
            if (known ? clock < entry.Clock || (clock == entry.Clock && !(isNull && entry.State is not null)) : clock == 0)
            {
                continue;
            }

            if (state.Length > maxStateBytes)
            {
                reader.Fail($"An awareness state has {state.Length} bytes; {maxStateBytes} are the most.");
            }
            else if (!known && _entries.Count >= maxClients)
            {
                reader.Fail($"More than {maxClients} clients have an awareness state.");
            }
            else if (!isNull && !(System.Text.Unicode.Utf8.IsValid(state) && Lib0Reader.IsJson(state)))
            {
                reader.Fail("An awareness state is not JSON.");
            }
            else
            {
                _entries[client] = new AwarenessEntry(clock, isNull ? null : state.ToArray(), owner, time.GetTimestamp());
                _changed.Add(client);
            }
        }

        if (!reader.AtEnd)
        {
            reader.Fail("Something follows behind its end.");
        }

        error = reader.Fault is { } fault ? new YjsError(fault, reader.Position) : null;
        return error is null;
    }

    /// <summary>A connection is over: the clients that it spoke of last are gone.</summary>
    public void Remove(object owner)
    {
        foreach ((long client, AwarenessEntry entry) in _entries)
        {
            if (entry.Owner == owner)
            {
                _entries[client] = entry with { State = null, Owner = null };
                if (entry.State is not null)
                {
                    _changed.Add(client);
                }
            }
        }
    }

    /// <summary>Drops the states of which nothing was heard for long, and forgets clients that are gone for as long.</summary>
    public void Expire()
    {
        long now = time.GetTimestamp();
        foreach ((long client, AwarenessEntry entry) in _entries)
        {
            if (time.GetElapsedTime(entry.Heard, now) < Expiry)
            {
                continue;
            }

            if (entry.State is null)
            {
                if (!_changed.Contains(client))
                {
                    _entries.Remove(client);
                }
            }
            else
            {
                _entries[client] = entry with { State = null, Owner = null, Heard = now };
                _changed.Add(client);
            }
        }
    }

    /// <summary>The changes since the last call, as an awareness update, with room before it for the caller's header.</summary>
    public byte[] TakeChanges(int room)
    {
        byte[] update = Encode(_changed, room);
        _changed.Clear();
        return update;
    }

    /// <summary>All clients that are there.</summary>
    public byte[] EncodeAll(int room) =>
        Encode([.. _entries.Where(static entry => entry.Value.State is not null).Select(static entry => entry.Key)], room);

    private byte[] Encode(IReadOnlyCollection<long> clients, int room)
    {
        int length = Lib0Writer.LengthOf(clients.Count);
        foreach (long client in clients)
        {
            AwarenessEntry entry = _entries[client];
            byte[] state = entry.State ?? _null;
            length += Lib0Writer.LengthOf(client) + Lib0Writer.LengthOf(entry.Clock) + Lib0Writer.LengthOf(state.Length) + state.Length;
        }

        byte[] update = new byte[room + length];
        var writer = new Lib0Writer(update.AsSpan(room));
        writer.WriteVarUint(clients.Count);
        foreach (long client in clients)
        {
            AwarenessEntry entry = _entries[client];
            writer.WriteVarUint(client);
            writer.WriteVarUint(entry.Clock);
            writer.WriteVarBytes(entry.State ?? _null);
        }

        return update;
    }
}
