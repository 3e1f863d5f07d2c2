namespace Longwire.Yjs;

/// <summary>Reads what y-websocket sends and brings it to the documents.</summary>
internal sealed class YjsHandler : WebSocketHandler
{
    /// <inheritdoc/>
    public override void OnOpen(WebSocketConnection connection)
    {
        var member = (YjsMember)connection.UserState!;
        member.Connection = connection;
        if (member.Refusal is { } reason)
        {
            connection.TrySend(YjsMessages.Denied(reason));
            connection.TryClose(YjsCloseStatus.Refused, reason);
        }
        else
        {
            member.Document!.Join(member);
        }
    }

    /// <inheritdoc/>
    public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        var member = (YjsMember)connection.UserState!;
        // A message may come behind the Close that answers an earlier one.
        if (member.Document is not { } document || connection.State != WebSocketPhase.Open)
        {
            return;
        }

        var reader = new Lib0Reader(payload);
        string? fault = type == MessageType.Text ? "y-websocket sends binary messages." : Read(document, member, ref reader);
        if (fault is not null)
        {
            connection.TryClose(YjsCloseStatus.BadMessage, fault);
        }
    }

    /// <inheritdoc/>
    public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason)
    {
        var member = (YjsMember)connection.UserState!;
        member.Document?.Leave(member);
    }

    // Returns what is wrong.
    private static string? Read(LiveDocument document, YjsMember member, ref Lib0Reader reader)
    {
        long type = reader.ReadVarUint();
        long kind = type == YjsMessages.Sync ? reader.ReadVarUint() : 0;
        ReadOnlySpan<byte> content = type is YjsMessages.Sync or YjsMessages.Awareness ? reader.ReadVarBytes() : default;
        if (!reader.Failed && !reader.AtEnd && type != YjsMessages.Authentication)
        {
            reader.Fail("Something follows behind the message's end.");
        }

        if (reader.Fault is not null)
        {
            return $"No message of y-websocket: {reader.Fault}";
        }

        switch (type)
        {
            case YjsMessages.Sync when kind == YjsMessages.Step1:
                return document.Ask(member, content)?.ToString();
            case YjsMessages.Sync when kind is YjsMessages.Step2 or YjsMessages.Update:
                return document.Write(member, content)?.ToString();
            case YjsMessages.Awareness:
                return document.Show(member, content)?.ToString();
            case YjsMessages.QueryAwareness:
                document.ShowAll(member);
                return null;
            case YjsMessages.Authentication:
                // Only servers say something by it.
                return null;
            default:
                return type == YjsMessages.Sync ? $"Sync messages of kind {kind} are unknown." : $"Messages of type {type} are unknown.";
        }
    }
}
