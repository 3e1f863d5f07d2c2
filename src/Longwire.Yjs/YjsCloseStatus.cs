namespace Longwire.Yjs;

/// <summary>
/// How a connection of an editor is closed for a fault of its own. The provider y-websocket takes 4400 to 4499 for permanent and doesn't
/// connect again by itself.
/// </summary>
public static class YjsCloseStatus
{
    /// <summary>4400: the client sent what is no message, or no update. The reason says what.</summary>
    public const CloseStatus BadMessage = (CloseStatus)4400;

    /// <summary>4403: the client may not open this document. The reason is the hook's.</summary>
    public const CloseStatus Refused = (CloseStatus)4403;

    /// <summary>4413: the document is as large as it may be.</summary>
    public const CloseStatus DocumentTooLarge = (CloseStatus)4413;
}
