using System.Buffers;
using Longwire.Protocol;

namespace Longwire;

/// <summary>Joins two connections.</summary>
public static class WebSocketRelayExtensions
{
    // The bytes held of a message on its way in one direction. A message that is not larger leaves in one frame.
    private const int PartBytes = 64 << 10;

    /// <summary>
    /// Passes messages on, both ways, until both connections are over: as a proxy does between its client and the server behind it.
    /// </summary>
    /// <param name="connection">One connection. Nothing else reads it; whatever sends to it meanwhile mixes whole messages in.</param>
    /// <param name="other">The other one.</param>
    /// <param name="cancellationToken">
    /// Ends the relay. Both connections stay open, but one that has begun to send a message which isn't whole yet closes with 1011. When
    /// one
    /// connection is ending already it has no effect: a token that stands for the end of one of them cuts nothing off.
    /// </param>
    /// <remarks>
    /// <para>
    /// At most 64 KiB of a message are held in each direction, besides what the two connections queue, and nothing is read that the other
    /// side has no room for: a slow reader holds its sender back. Messages larger than
    /// <see cref="WebSocketConnectionOptions.MaxMessageBytes"/> pass where the connection that receives them has
    /// <see cref="WebSocketConnectionOptions.MaxStreamedMessageBytes"/> set. Pings and pongs are not passed on: each connection has its
    /// own.
    /// </para>
    /// <para>
    /// When one side closes, what it had sent before is passed on, and then the other side closes with the same status and reason. Where
    /// there was no Close frame the other side is told 1001 when a client is gone, and 1014 when a server is (RFC 6455 §7.4).
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentException">Both are the same connection.</exception>
    /// <exception cref="InvalidOperationException">A connection has a handler, or something else reads it.</exception>
    /// <exception cref="OperationCanceledException">The relay was cancelled.</exception>
    public static Task RelayAsync(
        this WebSocketConnection connection,
        WebSocketConnection other,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(other);
        return connection == other
            ? throw new ArgumentException("A connection can't be relayed to itself.", nameof(other))
            : RelayBothAsync(connection, other, cancellationToken);
    }

    private static async Task RelayBothAsync(WebSocketConnection connection, WebSocketConnection other, CancellationToken cancellationToken)
    {
        using var stop = new CancellationTokenSource();
        await using CancellationTokenRegistration cancelling = cancellationToken.UnsafeRegister(_ => StopIfOpen(), null);
        Task[] ways = [PassOnAsync(connection, other, stop.Token), PassOnAsync(other, connection, stop.Token)];
        Task first = await Task.WhenAny(ways).ConfigureAwait(false);
        if (!first.IsCompletedSuccessfully)
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }

        try
        {
            // The failure of the way that failed first, and not that the other one was stopped for it.
            await first.ConfigureAwait(false);
            await Task.WhenAll(ways).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The relay was cancelled.", exception, cancellationToken);
        }
        finally
        {
            await Task.WhenAll(ways).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(connection.Completion, other.Completion).ConfigureAwait(false);

        void StopIfOpen()
        {
            if (connection.State == WebSocketPhase.Open && other.State == WebSocketPhase.Open)
            {
                stop.Cancel();
            }
        }
    }

    private static async Task PassOnAsync(WebSocketConnection from, WebSocketConnection to, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                WebSocketReadStream message = await from.ReadStreamAsync(stop).ConfigureAwait(false);
                await PassOnAsync(message, from, to, stop).ConfigureAwait(false);
            }
        }
        catch (WebSocketClosedException)
        {
            // Where it is the receiving side that has closed, this has no effect, and the other way closes the sending side.
            to.TryClose(StatusFor(from), from.CloseReason);
        }
    }

    private static async Task PassOnAsync(
        WebSocketReadStream message,
        WebSocketConnection from,
        WebSocketConnection to,
        CancellationToken stop
    )
    {
        byte[] part = ArrayPool<byte>.Shared.Rent(PartBytes);
        WebSocketWriteStream? open = null;
        try
        {
            while (true)
            {
                int length = await message.ReadAsync(part.AsMemory(0, PartBytes), stop).ConfigureAwait(false);
                ReadOnlyMemory<byte> payload = part.AsMemory(0, length);
                if (!message.IsAtEnd)
                {
                    open ??= await to.OpenMessageAsync(message.Type, cancellationToken: stop).ConfigureAwait(false);
                    await open.WriteAsync(payload, stop).ConfigureAwait(false);
                }
                else if (open is null)
                {
                    await to.SendAsync(payload, message.Type, stop).ConfigureAwait(false);
                    return;
                }
                else
                {
                    await open.CompleteAsync(payload, stop).ConfigureAwait(false);
                    return;
                }
            }
        }
        catch (WebSocketClosedException)
        {
            // Before the message is abandoned, which would close with a status of its own.
            to.TryClose(StatusFor(from), from.CloseReason);
            throw;
        }
        finally
        {
            if (open is not null)
            {
                await open.DisposeAsync().ConfigureAwait(false);
            }

            ArrayPool<byte>.Shared.Return(part);
        }
    }

    /// <summary>The status that tells the other side how a connection ended.</summary>
    private static CloseStatus StatusFor(WebSocketConnection ended) =>
        ended.CloseStatus is { } status && (status == CloseStatus.NoStatus || CloseStatusRules.IsAllowedOnWire(status)) ? status
        : ended.Role == WebSocketRole.Server ? CloseStatus.GoingAway
        : CloseStatus.BadGateway;
}
