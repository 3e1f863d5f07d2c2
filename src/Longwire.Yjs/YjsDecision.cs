namespace Longwire.Yjs;

/// <summary>A hook's answer to a client that wants to open a document; made by <see cref="YjsJoinRequest"/>.</summary>
public sealed class YjsDecision
{
    internal static readonly YjsDecision Writer = new(mayWrite: true, refusal: null);
    internal static readonly YjsDecision Reader = new(mayWrite: false, refusal: null);

    private YjsDecision(bool mayWrite, string? refusal)
    {
        MayWrite = mayWrite;
        Refusal = refusal;
    }

    internal bool MayWrite { get; }

    internal string? Refusal { get; }

    internal static YjsDecision Refuse(string reason) => new(mayWrite: false, reason);
}
