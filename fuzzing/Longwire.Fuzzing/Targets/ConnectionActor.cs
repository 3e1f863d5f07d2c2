using System.Collections.Concurrent;

namespace Longwire.Fuzzing;

/// <summary>One of the threads that use two connections: each act is three bytes, for whom, what, how much.</summary>
internal sealed class ConnectionActor(int number, ConnectionEnd server, ConnectionEnd client)
{
    private const int Acts = 64;
    private const int FirstEnding = 46;
    private const int LastEnding = 50;

    private readonly ConcurrentBag<Task> _waits = [];
    private int _messages;

    public int Number => number;

    /// <summary>Whether an act ends the connection.</summary>
    public static bool Ends(byte act) => act % Acts is >= FirstEnding and <= LastEnding;

    /// <summary>Completes when all that this actor began has ended.</summary>
    public Task Waits() => Task.WhenAll(_waits);

    public async Task RunAsync(IEnumerable<byte[]> acts)
    {
        foreach (byte[] act in acts)
        {
            ConnectionEnd end = (act[0] & 0x80) != 0 ? server : client;
            try
            {
                await ActAsync(end, act[1] % Acts, act[2]);
            }
            catch (Exception exception)
            {
                end.Fault($"{exception.GetType().Name} from act {act[1] % Acts}: {exception}");
            }
        }
    }

    private async Task ActAsync(ConnectionEnd end, int act, byte argument)
    {
        WebSocketConnection connection = end.Connection;
        switch (act)
        {
            case < 22:
                TrySend(end, argument, prepared: act >= 20);
                break;
            case < 36:
                await SendAsync(end, argument, prepared: act == 35, cancels: false);
                break;
            case < 40:
                await SendAsync(end, argument, prepared: false, cancels: true);
                break;
            case < 44:
                _waits.Add(PingAsync(connection));
                break;
            case 44:
                _ = (
                    connection.State,
                    connection.PendingSendBytes,
                    connection.RoundTripTime,
                    connection.CloseStatus,
                    connection.CloseReason
                );
                break;
            case FirstEnding:
                end.CalledClose();
                connection.TryClose(
                    (argument % 3) switch
                    {
                        0 => CloseStatus.GoingAway,
                        1 => CloseStatus.NoStatus,
                        _ => (CloseStatus)4002,
                    },
                    "bye"
                );
                break;
            case 47:
                end.CalledClose();
                _waits.Add(connection.CloseAsync());
                break;
            case 48:
                end.Disturbed = true;
                connection.Abort();
                break;
            case 49:
                end.Break();
                break;
            case LastEnding:
                end.ThrowsNext = true;
                break;
            case 51:
                end.PausesNext = true;
                break;
            case 52:
                connection.ResumeReceiving();
                break;
            default:
                await Task.Yield();
                break;
        }
    }

    private static int SizeOf(byte argument) =>
        argument switch
        {
            < 100 => argument % 8,
            < 240 => argument,
            < 254 => argument * 20,
            _ => 140_000,
        };

    private void TrySend(ConnectionEnd end, byte argument, bool prepared)
    {
        int message = _messages++;
        byte[] payload = ConnectionEnd.Payload(number, message, SizeOf(argument));
        MessageType type = (argument & 1) != 0 ? MessageType.Text : MessageType.Binary;
        // It may come before the call returns.
        end.Sent(number, message, taken: true);
        if (
            !(
                prepared
                    ? end.Connection.TrySend(new PreparedMessage(payload, type))
                    : end.Connection.TrySend(payload, type, compress: argument % 5 != 0)
            )
        )
        {
            end.Sent(number, message, taken: false);
        }
    }

    private async Task SendAsync(ConnectionEnd end, byte argument, bool prepared, bool cancels)
    {
        int message = _messages++;
        byte[] payload = ConnectionEnd.Payload(number, message, SizeOf(argument));
        MessageType type = (argument & 1) != 0 ? MessageType.Text : MessageType.Binary;
        using var cancellation = new CancellationTokenSource();
        end.Sent(number, message, taken: true);
        try
        {
            ValueTask sending = prepared
                ? end.Connection.SendAsync(new PreparedMessage(payload, type), cancellation.Token)
                : end.Connection.SendAsync(payload, type, cancellation.Token);
            if (cancels)
            {
                await Task.Yield();
                await cancellation.CancelAsync();
            }

            await sending;
        }
        catch (WebSocketClosedException)
        {
            end.Sent(number, message, taken: false);
        }
        catch (OperationCanceledException) when (cancels)
        {
            end.Sent(number, message, taken: false);
        }

        // The next owner may write on it again.
        Array.Fill(payload, (byte)'!');
    }

    private static async Task PingAsync(WebSocketConnection connection)
    {
        try
        {
            await connection.PingAsync();
        }
        catch (WebSocketClosedException)
        {
            // Told.
        }
    }
}
