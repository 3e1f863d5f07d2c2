using System.Buffers;
using System.Text;

namespace Longwire;

/// <summary>Sends texts, messages as they were read, and messages that don't lie in one piece of memory.</summary>
public static class WebSocketSendExtensions
{
    private const int PartBytes = SendQueue.SliceBytes;

    /// <summary>Sends a text message. Waits while the send queue is full; thread safe.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="text">The text; lone surrogates become U+FFFD, as UTF-8 can't carry them.</param>
    /// <param name="cancellationToken">Ends the wait: the message is then not sent, and the connection lives on.</param>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public static ValueTask SendAsync(this WebSocketConnection connection, string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return connection.SendTextAsync(text, cancellationToken);
    }

    /// <summary>
    /// Sends a message as it was read, on the same connection or another. Waits while the send queue is full; thread safe.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="message">The message; its payload must stay unchanged until the task completes.</param>
    /// <param name="cancellationToken">Ends the wait: the message is then not sent, and the connection lives on.</param>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public static ValueTask SendAsync(
        this WebSocketConnection connection,
        WebSocketMessage message,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(connection);
        return connection.SendAsync(message.Payload, message.Type, cancellationToken);
    }

    /// <summary>Sends a text message, or says at once that it can't. Never waits; thread safe.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="text">The text; lone surrogates become U+FFFD, as UTF-8 can't carry them.</param>
    /// <returns>False where the send queue is full, or the connection is closed or closing.</returns>
    public static bool TrySend(this WebSocketConnection connection, string text)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(text);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            return connection.TrySend(buffer.AsSpan(0, Encoding.UTF8.GetBytes(text, buffer)), MessageType.Text);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Sends a message that lies in pieces. Up to 64 KiB it is one frame, above it is sent in fragments. Thread safe.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="payload">
    /// The payload; it must stay unchanged until the task completes. For <see cref="MessageType.Text"/> it must be UTF-8.
    /// </param>
    /// <param name="type">The type.</param>
    /// <param name="cancellationToken">
    /// Ends the wait for its turn: the message is then not sent, and the connection lives on. A message that has begun is sent.
    /// </param>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public static ValueTask SendAsync(
        this WebSocketConnection connection,
        ReadOnlySequence<byte> payload,
        MessageType type,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (payload.IsSingleSegment)
        {
            return connection.SendAsync(payload.First, type, cancellationToken);
        }

        return payload.Length <= PartBytes
            ? SendGatheredAsync(connection, payload, type, cancellationToken)
            : SendFragmentsAsync(connection, payload, type, cancellationToken);
    }

    /// <summary>Sends a file as one message, in fragments of 64 KiB, without holding it. Thread safe.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="path">The file. As <see cref="MessageType.Text"/> it must be UTF-8.</param>
    /// <param name="type">The type.</param>
    /// <param name="cancellationToken">
    /// Ends the sending. When a part of the file has left, this closes the connection with 1011, as an error in reading the file does.
    /// </param>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static async ValueTask SendFileAsync(
        this WebSocketConnection connection,
        string path,
        MessageType type = MessageType.Binary,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(connection);
        var file = new FileStream(
            path,
            new FileStreamOptions { BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan }
        );
        await using (file.ConfigureAwait(false))
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(PartBytes);
            try
            {
                WebSocketWriteStream message = await connection
                    .OpenMessageAsync(type, cancellationToken: cancellationToken)
                    .ConfigureAwait(false);
                await using (message.ConfigureAwait(false))
                {
                    await CopyAsync(file, message, buffer.AsMemory(0, PartBytes), cancellationToken).ConfigureAwait(false);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static async ValueTask CopyAsync(
        FileStream file,
        WebSocketWriteStream message,
        Memory<byte> buffer,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            int length = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)
                .ConfigureAwait(false);
            if (length < buffer.Length)
            {
                await message.CompleteAsync(buffer[..length], cancellationToken).ConfigureAwait(false);
                return;
            }

            await message.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async ValueTask SendGatheredAsync(
        WebSocketConnection connection,
        ReadOnlySequence<byte> payload,
        MessageType type,
        CancellationToken cancellationToken
    )
    {
        int length = (int)payload.Length;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            payload.CopyTo(buffer);
            await connection.SendAsync(buffer.AsMemory(0, length), type, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask SendFragmentsAsync(
        WebSocketConnection connection,
        ReadOnlySequence<byte> payload,
        MessageType type,
        CancellationToken cancellationToken
    )
    {
        WebSocketWriteStream message = await connection.OpenMessageAsync(type, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (message.ConfigureAwait(false))
        {
            foreach (ReadOnlyMemory<byte> part in payload)
            {
                await message.WriteAsync(part, CancellationToken.None).ConfigureAwait(false);
            }

            await message.CompleteAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
