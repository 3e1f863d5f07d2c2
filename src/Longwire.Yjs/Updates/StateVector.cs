using System.Diagnostics.CodeAnalysis;

namespace Longwire.Yjs;

/// <summary>How much of each client somebody has: all clocks below a number.</summary>
internal sealed class StateVector
{
    private readonly Dictionary<long, long> _clocks;

    private StateVector(Dictionary<long, long> clocks) => _clocks = clocks;

    /// <summary>Has nothing.</summary>
    public static StateVector Nothing { get; } = new([]);

    /// <summary>The most clients that one may name; each costs memory while it is read.</summary>
    public const int MaxClients = 1_000_000;

    public bool IsEmpty => _clocks.Count == 0;

    public long this[long client] => _clocks.GetValueOrDefault(client);

    public static bool TryRead(
        ReadOnlySpan<byte> bytes,
        [NotNullWhen(true)] out StateVector? vector,
        [NotNullWhen(false)] out YjsError? error
    )
    {
        var reader = new Lib0Reader(bytes);
        long count = reader.ReadVarUint();
        if (count > MaxClients)
        {
            reader.Fail($"It names more than {MaxClients} clients.");
        }

        var clocks = new Dictionary<long, long>();
        for (; count > 0 && !reader.Failed; count--)
        {
            long client = reader.ReadVarUint();
            clocks[client] = reader.ReadVarUint();
        }

        if (!reader.AtEnd)
        {
            reader.Fail("Something follows behind its end.");
        }

        vector = reader.Failed ? null : new StateVector(clocks);
        error = reader.Fault is { } fault ? new YjsError(fault, reader.Position) : null;
        return !reader.Failed;
    }
}
