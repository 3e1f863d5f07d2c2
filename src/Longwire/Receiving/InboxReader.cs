using System.Runtime.CompilerServices;

namespace Longwire;

/// <summary>An application's reads of a connection without a handler: each takes what has come, or waits for it.</summary>
internal static class InboxReader
{
    /// <summary>Reads the next whole message.</summary>
    public static ValueTask<WebSocketMessage> ReadAsync(
        WebSocketConnection connection,
        MessageInbox inbox,
        CancellationToken cancellationToken
    ) =>
        connection.TryRead(inbox, out WebSocketMessage message, out _)
            ? new ValueTask<WebSocketMessage>(message)
            : WaitAndReadAsync(connection, inbox, cancellationToken);

    /// <summary>Reads whole messages until the connection closes.</summary>
    public static async IAsyncEnumerable<WebSocketMessage> ReadAllAsync(
        WebSocketConnection connection,
        MessageInbox inbox,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        do
        {
            while (connection.TryRead(inbox, out WebSocketMessage message, out _))
            {
                yield return message;
            }
        } while (await inbox.WaitToReadAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Reads the next message as a stream; what was not read of the one before is skipped.</summary>
    public static async ValueTask<WebSocketReadStream> ReadStreamAsync(
        WebSocketConnection connection,
        MessageInbox inbox,
        CancellationToken cancellationToken
    )
    {
        do
        {
            bool rest = inbox.IsInsideMessage;
            while (connection.TryRead(inbox, out WebSocketMessage part, out bool ended))
            {
                if (!rest)
                {
                    return new WebSocketReadStream(connection, inbox, part, ended);
                }

                rest = !ended;
            }
        } while (await inbox.WaitToReadAsync(cancellationToken).ConfigureAwait(false));
        throw connection.ClosedException();
    }

    /// <summary>Reads the next part of the message that is read as a stream.</summary>
    public static async ValueTask<(WebSocketMessage Part, bool Ended)> ReadPartAsync(
        WebSocketConnection connection,
        MessageInbox inbox,
        CancellationToken cancellationToken
    )
    {
        WebSocketMessage part;
        bool ended;
        while (!connection.TryRead(inbox, out part, out ended))
        {
            if (!await inbox.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                throw connection.ClosedException();
            }
        }

        return (part, ended);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<WebSocketMessage> WaitAndReadAsync(
        WebSocketConnection connection,
        MessageInbox inbox,
        CancellationToken cancellationToken
    )
    {
        WebSocketMessage message;
        do
        {
            if (!await inbox.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                throw connection.ClosedException();
            }
        } while (!connection.TryRead(inbox, out message, out _));
        return message;
    }
}
