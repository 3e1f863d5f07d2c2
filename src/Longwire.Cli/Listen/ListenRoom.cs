using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Longwire.Cli.Listen;

/// <summary>The clients of <c>longwire listen</c>, and what becomes of what they say.</summary>
internal sealed class ListenRoom(ListenOptions options, ListenReport report, Action<OutputException> onOutputFault)
{
    private readonly ConcurrentDictionary<int, ListenClient> _clients = new();
    private int _lastId;
    private int _replies;

    public IEnumerable<ListenClient> Clients => _clients.Values.OrderBy(static client => client.Id);

    /// <summary>Serves a client until it goes.</summary>
    public async Task ServeAsync(WebSocketConnection connection, HttpContext context)
    {
        var client = new ListenClient(
            Interlocked.Increment(ref _lastId),
            connection,
            context.Connection.RemoteIpAddress?.ToString() ?? "",
            context.Request.Path.Value ?? "/"
        );
        try
        {
            _clients[client.Id] = client;
            report.Opened(client);
            await (options.Mode == ListenMode.Exec ? ServeByProcessAsync(client, context.Request) : ServeByMessageAsync(client));
            await connection.Completion;
        }
        catch (WebSocketClosedException)
        {
            // The report says how it ended.
        }
        catch (OutputException exception)
        {
            onOutputFault(exception);
        }
        finally
        {
            _clients.TryRemove(client.Id, out _);
        }

        report.Closed(client);
    }

    /// <summary>Sends a line to one client, or to all.</summary>
    public async Task SendAsync(IEnumerable<ListenClient> clients, byte[] line)
    {
        MessageType type = options.Binary ? MessageType.Binary : MessageType.Text;
        ReadOnlyMemory<byte> payload =
            options.Binary || System.Text.Unicode.Utf8.IsValid(line) ? line : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(line));
        foreach (ListenClient client in clients)
        {
            await SendAsync(client, payload, type);
        }
    }

    private async Task ServeByMessageAsync(ListenClient client)
    {
        await foreach (WebSocketMessage message in client.Connection.ReadAllAsync())
        {
            if (++client.Messages == options.Faults.AbortAt)
            {
                client.Connection.Abort();
                return;
            }

            switch (options.Mode)
            {
                case ListenMode.Echo:
                    await ReplyAsync([client], message);
                    break;
                case ListenMode.Broadcast:
                    await ReplyAsync(Clients, message);
                    break;
                case ListenMode.Chat:
                    report.Message(client, message);
                    byte[] said = [.. Encoding.UTF8.GetBytes($"#{client.Id}: "), .. message.Payload.Span];
                    await ReplyAsync(Clients.Where(other => other.Id != client.Id), message with { Payload = said });
                    break;
                default:
                    report.Message(client, message);
                    break;
            }
        }
    }

    private async Task ServeByProcessAsync(ListenClient client, HttpRequest request)
    {
        ExecProcess process;
        try
        {
            process = ExecProcess.Start(options.Program, client, request);
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            report.Note($"'{options.Program[0]}' can't be started: {exception.Message}");
            client.Connection.TryClose(CloseStatus.InternalError, "the program can't be started");
            return;
        }

        using (process)
        {
            Task sending = process.SendLinesAsync(client.Connection, options.Binary ? MessageType.Binary : MessageType.Text);
            try
            {
                await foreach (WebSocketMessage message in client.Connection.ReadAllAsync())
                {
                    await process.WriteAsync(message.Payload, CancellationToken.None);
                }
            }
            catch (IOException)
            {
                // The program reads no more; it may still write.
                await client.Connection.Completion;
            }

            await process.EndAsync();
            await sending;
        }
    }

    private async Task ReplyAsync(IEnumerable<ListenClient> clients, WebSocketMessage message)
    {
        int number = Interlocked.Increment(ref _replies);
        Faults faults = options.Faults;
        if (faults.Delay > TimeSpan.Zero)
        {
            await Task.Delay(faults.Delay);
        }

        if (number == faults.StallAt)
        {
            await Task.Delay(faults.Stall);
        }

        if (Hits(faults.Drop))
        {
            return;
        }

        ReadOnlyMemory<byte> payload = message.Payload;
        if (Hits(faults.Corrupt) && payload.Length > 0)
        {
            byte[] wrong = payload.ToArray();
            wrong[^1] = (byte)(wrong[^1] == 'x' ? 'y' : 'x');
            payload = wrong;
        }

        foreach (ListenClient client in clients)
        {
            await SendAsync(client, payload, message.Type);
            if (Hits(faults.Double))
            {
                await SendAsync(client, payload, message.Type);
            }
        }

        bool Hits(int every) => every > 0 && number % every == 0;
    }

    private static async Task SendAsync(ListenClient client, ReadOnlyMemory<byte> payload, MessageType type)
    {
        try
        {
            await client.Connection.SendAsync(payload, type);
        }
        catch (WebSocketClosedException)
        {
            // It has gone; the others haven't.
        }
    }
}
