using System.Diagnostics.CodeAnalysis;

namespace Longwire.Yjs;

/// <summary>
/// An update, format V1, checked to the last byte: first the structs of each client, then the ranges that are deleted. It refers to the
/// bytes it was read from.
/// </summary>
internal sealed class ParsedUpdate
{
    /// <summary>The approximate memory of a client, in bytes.</summary>
    public const int ClientCost = 200;

    /// <summary>The update that says nothing.</summary>
    public static ReadOnlySpan<byte> Empty => [0, 0];

    private readonly int _deletedAt;

    private ParsedUpdate(byte[] bytes, List<(long Client, StructRun Run)> runs, int deletedAt)
    {
        Bytes = bytes;
        _deletedAt = deletedAt;
        Runs = runs;
    }

    /// <summary>The whole update.</summary>
    public byte[] Bytes { get; }

    /// <summary>The runs of the update; those of one client stand together, in the order of their clocks.</summary>
    public List<(long Client, StructRun Run)> Runs { get; }

    /// <summary>The deleted ranges.</summary>
    public ReadOnlySpan<byte> Deleted => Bytes.AsSpan(_deletedAt);

    /// <summary>Reads an update.</summary>
    /// <param name="bytes">
    /// The update, which from now on belongs to the result: nobody else changes it. Flags that mean nothing are cleared, as Yjs does when
    /// it merges.
    /// </param>
    /// <param name="maxCost">The most memory that it may take once it is applied, about.</param>
    /// <param name="update">The update that was read.</param>
    /// <param name="error">Why it can't be.</param>
    public static bool TryRead(
        byte[] bytes,
        long maxCost,
        [NotNullWhen(true)] out ParsedUpdate? update,
        [NotNullWhen(false)] out YjsError? error
    )
    {
        var reader = new Lib0Reader(bytes);
        var runs = new List<(long Client, StructRun Run)>();
        HashSet<long>? clients = null;
        long cost = bytes.Length;
        long blocks = reader.ReadVarUint();
        for (long block = 0; block < blocks && !reader.Failed; block++)
        {
            long count = reader.ReadVarUint();
            long client = reader.ReadVarUint();
            if (blocks > 1 && !(clients ??= []).Add(client))
            {
                // Yjs would keep the last block only.
                reader.Fail("A client stands in it twice.");
            }

            cost += ClientCost;
            ReadStructs(ref reader, bytes, client, count, runs, ref cost, maxCost);
        }

        int deletedAt = reader.Position;
        DeleteSet.Check(ref reader, ref cost, maxCost);
        if (!reader.AtEnd)
        {
            reader.Fail("Something follows behind its end.");
        }

        update = reader.Failed ? null : new ParsedUpdate(bytes, runs, deletedAt);
        error = reader.Fault is { } fault ? new YjsError(fault, reader.Position) : null;
        return !reader.Failed;
    }

    private static void ReadStructs(
        ref Lib0Reader reader,
        byte[] bytes,
        long client,
        long count,
        List<(long Client, StructRun Run)> runs,
        ref long cost,
        long maxCost
    )
    {
        long clock = reader.ReadVarUint();
        long runClock = clock;
        int runStart = reader.Position;
        int inRun = 0;
        for (; count > 0 && !reader.Failed; count--)
        {
            StructHeader next = StructHeader.Read(ref reader, validate: true);
            if (next.Length > Lib0Reader.MaxInteger - clock)
            {
                reader.Fail("A clock is larger than 2^53 - 1.");
            }

            if (reader.Failed)
            {
                return;
            }

            if (next.Content == StructHeader.Skip)
            {
                EndRun(next.Start, clock, ref cost);
                clock += next.Length;
                (runClock, runStart, inRun) = (clock, next.End, 0);
                continue;
            }

            // A key in the parent is only written where the parent is.
            if (!next.HasParent && (next.Info & StructHeader.HasParentKey) != 0)
            {
                bytes[next.Start] &= unchecked((byte)~StructHeader.HasParentKey);
            }

            clock += next.Length;
            inRun++;
            if (next.End - runStart >= StructRun.MaxBytes)
            {
                EndRun(next.End, clock, ref cost);
                (runClock, runStart, inRun) = (clock, next.End, 0);
            }

            if (cost > maxCost)
            {
                reader.Fail("It takes more memory than a document may.");
            }
        }

        EndRun(reader.Position, clock, ref cost);

        void EndRun(int end, long endClock, ref long cost)
        {
            if (inRun > 0)
            {
                runs.Add((client, new StructRun(runClock, endClock, inRun, bytes, runStart, end - runStart)));
                cost += StructRun.Cost;
            }
        }
    }
}
