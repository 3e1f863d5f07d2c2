using System.Text.Json;

namespace Longwire.Samples.Editor;

/// <summary>
/// Collaborative editing as simple as it can be: each insertion is applied and sent to the others in the document. It doesn't converge when
/// two write at once; that is what <c>MapYjs</c> is for.
/// </summary>
internal sealed class EditHandler : WebSocketHandler
{
    private const int MostCharacters = 100_000;
    private const int MostDocuments = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, EditDocument> _documents = [];

    public override void OnOpen(WebSocketConnection connection)
    {
        var member = (EditMember)connection.UserState!;
        lock (_lock)
        {
            if (!_documents.TryGetValue(member.DocumentId, out EditDocument? document))
            {
                if (_documents.Count == MostDocuments)
                {
                    connection.TryClose(CloseStatus.TryAgainLater, "Too many documents are open");
                    return;
                }

                _documents.Add(member.DocumentId, document = new EditDocument());
            }

            document.Connections.Add(connection);
            Send(connection, new { type = "document", text = document.Text });
        }
    }

    public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload)
    {
        var member = (EditMember)connection.UserState!;
        EditOperation? operation = EditOperation.From(payload, member.DocumentId);
        lock (_lock)
        {
            if (!_documents.TryGetValue(member.DocumentId, out EditDocument? document) || !document.Connections.Contains(connection))
            {
                return;
            }

            if (
                operation is null
                || operation.Start > document.Text.Length
                || document.Text.Length + operation.Text.Length > MostCharacters
            )
            {
                Send(connection, new { type = "error", message = "An edit inserts text at a position in the document." });
                return;
            }

            document.Text = document.Text.Insert(operation.Start, operation.Text);
            var edit = new
            {
                type = "edit",
                operation = new
                {
                    type = "insert",
                    position = operation.Position,
                    text = operation.Text,
                },
                userId = member.UserId,
            };
            var message = new PreparedMessage(JsonSerializer.SerializeToUtf8Bytes(edit), MessageType.Text);
            foreach (WebSocketConnection other in document.Connections)
            {
                // One that doesn't keep up would miss an insertion, and all behind it would be wrong.
                if (other != connection && !other.TrySend(message))
                {
                    other.TryClose(CloseStatus.PolicyViolation, "Too slow");
                }
            }
        }
    }

    public override void OnClose(WebSocketConnection connection, CloseStatus status, string reason)
    {
        var member = (EditMember)connection.UserState!;
        lock (_lock)
        {
            if (_documents.TryGetValue(member.DocumentId, out EditDocument? document))
            {
                document.Connections.Remove(connection);
                if (document.Connections.Count == 0)
                {
                    _documents.Remove(member.DocumentId);
                }
            }
        }
    }

    private static void Send<T>(WebSocketConnection connection, T message) =>
        connection.TrySend(JsonSerializer.SerializeToUtf8Bytes(message), MessageType.Text);

    private sealed class EditDocument
    {
        public string Text { get; set; } = "";

        public HashSet<WebSocketConnection> Connections { get; } = [];
    }
}
