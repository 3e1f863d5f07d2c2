namespace Longwire.Yjs;

/// <summary>The messages that a member is still to be sent, in this order. Updates beside them follow from its version.</summary>
[Flags]
internal enum OwedMessages : byte
{
    None,

    /// <summary>The question for what it has that the document lacks (sync step 1).</summary>
    Step1 = 1,

    /// <summary>The end of the answer to its own question (sync step 2), which has begun.</summary>
    Step2 = 2,

    /// <summary>All awareness states.</summary>
    Awareness = 4,
}
