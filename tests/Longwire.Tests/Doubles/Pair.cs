using System.IO.Pipelines;

namespace Longwire.Tests;

/// <summary>How the two ends of a <see cref="Pair"/> are joined.</summary>
public enum Joint
{
    /// <summary>Pipes whose continuations run on the thread pool.</summary>
    Pipes,

    /// <summary>Pipes whose continuations run inside of whoever completes them.</summary>
    InlinePipes,

    /// <summary>Streams.</summary>
    Streams,
}

/// <summary>A server's and a client's connection, joined in memory.</summary>
internal sealed class Pair
{
    public Pair(
        Joint joint,
        WebSocketConnectionOptions? server = null,
        WebSocketConnectionOptions? client = null,
        WebSocketHandler? serverHandler = null,
        WebSocketHandler? clientHandler = null
    )
    {
        (IDuplexPipe one, IDuplexPipe other) = DuplexPipe.Create(joint == Joint.InlinePipes);
        Server = Connect(joint, one, WebSocketRole.Server, server, serverHandler);
        Client = Connect(joint, other, WebSocketRole.Client, client, clientHandler);
    }

    public static TheoryData<Joint> Joints => [Joint.Pipes, Joint.InlinePipes, Joint.Streams];

    public WebSocketConnection Server { get; }

    public WebSocketConnection Client { get; }

    public Task Over => Task.WhenAll(Server.Completion, Client.Completion);

    private static WebSocketConnection Connect(
        Joint joint,
        IDuplexPipe pipe,
        WebSocketRole role,
        WebSocketConnectionOptions? options,
        WebSocketHandler? handler
    ) =>
        joint == Joint.Streams
            ? WebSocketConnection.FromStream(new DuplexStream(pipe), role, options, handler)
            : WebSocketConnection.FromPipe(pipe, role, options, handler);
}
