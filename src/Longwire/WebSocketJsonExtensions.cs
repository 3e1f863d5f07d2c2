using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Longwire;

/// <summary>
/// JSON messages, by the metadata that the source generator of System.Text.Json makes: fit for trimming and ahead-of-time compilation.
/// </summary>
public static class WebSocketJsonExtensions
{
    /// <summary>Sends a value as a text message of JSON. Thread safe. The message is put together before it is sent.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="connection">The connection.</param>
    /// <param name="value">The value.</param>
    /// <param name="typeInfo">How the type is written.</param>
    /// <param name="cancellationToken">Ends the wait for room: the message is then not sent, and the connection lives on.</param>
    /// <exception cref="WebSocketClosedException">The connection is closed or closing.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public static async ValueTask SendJsonAsync<T>(
        this WebSocketConnection connection,
        T value,
        JsonTypeInfo<T> typeInfo,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(typeInfo);
        var buffer = new OutputBuffer();
        try
        {
            using (
                var writer = new Utf8JsonWriter(
                    buffer,
                    new JsonWriterOptions { Encoder = typeInfo.Options.Encoder, Indented = typeInfo.Options.WriteIndented }
                )
            )
            {
                JsonSerializer.Serialize(writer, value, typeInfo);
            }

            await connection.SendAsync(buffer.Written, MessageType.Text, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            buffer.Release();
        }
    }

    /// <summary>Reads the next message, text or binary, as JSON.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="connection">The connection.</param>
    /// <param name="typeInfo">How the type is read.</param>
    /// <param name="cancellationToken">
    /// Ends the wait. A message that has begun to come, on a connection that streams its messages, is then lost.
    /// </param>
    /// <returns>The value; null when the message says <c>null</c>.</returns>
    /// <exception cref="JsonException">
    /// The message is not JSON, or not of this type. The connection lives on, and the next read gets the next message.
    /// </exception>
    /// <exception cref="WebSocketClosedException">The connection is closed and every message that came before has been read.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The connection has a handler, or another read waits.</exception>
    public static async ValueTask<T?> ReadJsonAsync<T>(
        this WebSocketConnection connection,
        JsonTypeInfo<T> typeInfo,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(typeInfo);
        if (connection.Options.MaxStreamedMessageBytes != 0)
        {
            WebSocketReadStream stream = await connection.ReadStreamAsync(cancellationToken).ConfigureAwait(false);
            return await JsonSerializer.DeserializeAsync(stream, typeInfo, cancellationToken).ConfigureAwait(false);
        }

        WebSocketMessage message = await connection.ReadAsync(cancellationToken).ConfigureAwait(false);
        return JsonSerializer.Deserialize(message.Payload.Span, typeInfo);
    }
}
