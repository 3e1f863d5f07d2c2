namespace Longwire.Hubs;

/// <summary>The requests over HTTP that may come at another node than their session's.</summary>
internal enum SessionQuestionKind : byte
{
    /// <summary><c>GET …/poll</c></summary>
    Poll,

    /// <summary><c>POST …/send</c></summary>
    Send,

    /// <summary><c>DELETE …/session</c></summary>
    End,
}
