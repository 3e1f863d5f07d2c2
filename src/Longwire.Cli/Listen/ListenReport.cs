using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Longwire.Cli.Terminal;

namespace Longwire.Cli.Listen;

/// <summary>Tells of a server's clients as they come, speak and go. Safe from any thread.</summary>
internal sealed class ListenReport(ListenOptions options, CommandStreams streams, LineInput input)
{
    private static readonly JsonWriterOptions _format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The server listens. Where the port was left open, the output's first line says in JSON which it is.</summary>
    public void Listening(Uri address, string? note)
    {
        if (options.Output == OutputFormat.Jsonl || options.Port == 0)
        {
            WriteJson(
                "listening",
                null,
                json =>
                {
                    json.WriteString("url", address.ToString());
                    json.WriteNumber("port", address.Port);
                }
            );
        }

        Note($"Listening on {address} (Ctrl-C ends it){(note is null ? "" : $"\n{note}")}");
    }

    public void Opened(ListenClient client)
    {
        if (options.Output == OutputFormat.Jsonl)
        {
            WriteJson(
                "open",
                client,
                json =>
                {
                    json.WriteString("address", client.Address);
                    json.WriteString("path", client.Path);
                }
            );
        }
        else
        {
            Note($"#{client.Id} connected from {client.Address} to {client.Path}");
        }
    }

    /// <exception cref="OutputException">The output can't be written.</exception>
    public void Message(ListenClient client, WebSocketMessage message)
    {
        if (options.Output == OutputFormat.Jsonl)
        {
            WriteJson(
                "message",
                client,
                json =>
                {
                    if (message.Type == MessageType.Text)
                    {
                        json.WriteString("data", message.Payload.Span);
                    }
                    else
                    {
                        json.WriteBase64String("base64", message.Payload.Span);
                    }
                }
            );
            return;
        }

        string text = message.Type == MessageType.Text ? message.Text : Convert.ToHexStringLower(message.Payload.Span);
        byte[] line = Encoding.UTF8.GetBytes(streams.IsOutputTerminal ? $"#{client.Id} < {TerminalText.Harmless(text)}\n" : text + "\n");
        input.Write(() =>
        {
            streams.Output.Write(line);
            streams.Output.Flush();
        });
    }

    public void Closed(ListenClient client)
    {
        CloseStatus status = client.Connection.CloseStatus ?? CloseStatus.Abnormal;
        if (options.Output == OutputFormat.Jsonl)
        {
            WriteJson(
                "close",
                client,
                json =>
                {
                    json.WriteNumber("status", (int)status);
                    json.WriteString("reason", client.Connection.CloseReason);
                }
            );
        }
        else
        {
            string reason = client.Connection.CloseReason is { Length: > 0 } text ? $", \"{text}\"" : "";
            Note($"#{client.Id} disconnected: {(int)status}{reason}");
        }
    }

    /// <summary>Something that is no payload.</summary>
    public void Note(string text)
    {
        if (!options.Quiet)
        {
            input.Write(() =>
            {
                streams.Error.WriteLine(TerminalText.Harmless(text));
                streams.Error.Flush();
            });
        }
    }

    private void WriteJson(string type, ListenClient? client, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, _format))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            if (client is not null)
            {
                json.WriteNumber("client", client.Id);
            }

            write(json);
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        input.Write(() =>
        {
            streams.Output.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
            streams.Output.Flush();
        });
    }
}
