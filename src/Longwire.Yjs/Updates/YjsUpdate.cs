using System.Diagnostics.CodeAnalysis;

namespace Longwire.Yjs;

/// <summary>
/// Works on Yjs updates, format V1, without a document: what npm's <c>mergeUpdates</c>, <c>diffUpdate</c> and
/// <c>encodeStateVectorFromUpdate</c> do. Thread safe.
/// </summary>
public static class YjsUpdate
{
    /// <summary>The update that says nothing.</summary>
    public static ReadOnlyMemory<byte> Empty { get; } = ParsedUpdate.Empty.ToArray();

    /// <summary>Looks whether bytes are an update that clients can read.</summary>
    /// <param name="update">The bytes.</param>
    /// <param name="error">Why not.</param>
    public static bool IsValid(ReadOnlySpan<byte> update, [NotNullWhen(false)] out YjsError? error) =>
        ParsedUpdate.TryRead(update.ToArray(), int.MaxValue, out _, out error);

    /// <summary>Makes one update of several.</summary>
    /// <param name="updates">The updates, in any order. One alone comes back as it is.</param>
    /// <param name="merged">The update that does what all of them do.</param>
    /// <param name="error">Why one of them can't be read.</param>
    public static bool TryMerge(
        IEnumerable<ReadOnlyMemory<byte>> updates,
        [NotNullWhen(true)] out byte[]? merged,
        [NotNullWhen(false)] out YjsError? error
    )
    {
        ArgumentNullException.ThrowIfNull(updates);
        var document = new YjsDocument();
        ReadOnlyMemory<byte> only = default;
        int count = 0;
        foreach (ReadOnlyMemory<byte> update in updates)
        {
            if (!document.TryApply(update.Span, out error))
            {
                merged = null;
                return false;
            }

            only = update;
            count++;
        }

        error = null;
        merged = count == 1 ? only.ToArray() : document.EncodeState();
        return true;
    }

    /// <summary>Takes from an update what somebody has already.</summary>
    /// <param name="update">The update.</param>
    /// <param name="stateVector">That state, as <c>encodeStateVector</c> writes it.</param>
    /// <param name="difference">The rest: the structs that are new, and all that is deleted.</param>
    /// <param name="error">Why one of the two can't be read.</param>
    public static bool TryDifference(
        ReadOnlySpan<byte> update,
        ReadOnlySpan<byte> stateVector,
        [NotNullWhen(true)] out byte[]? difference,
        [NotNullWhen(false)] out YjsError? error
    )
    {
        var document = new YjsDocument();
        difference = null;
        return document.TryApply(update, out error) && document.TryEncodeDifference(stateVector, out difference, out error);
    }

    /// <summary>The state vector of a document that has taken an update and nothing else.</summary>
    /// <param name="update">The update.</param>
    /// <param name="stateVector">The state vector.</param>
    /// <param name="error">Why the update can't be read.</param>
    public static bool TryGetStateVector(
        ReadOnlySpan<byte> update,
        [NotNullWhen(true)] out byte[]? stateVector,
        [NotNullWhen(false)] out YjsError? error
    )
    {
        var document = new YjsDocument();
        stateVector = document.TryApply(update, out error) ? document.EncodeStateVector() : null;
        return stateVector is not null;
    }
}
