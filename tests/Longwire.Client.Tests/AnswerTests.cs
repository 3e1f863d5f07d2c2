namespace Longwire.Client.Tests;

/// <summary>Answers at the edge of HTTP, and none at all: what is understood, and what is said where nothing is.</summary>
public sealed class AnswerTests
{
    // Longer than a test waits: what fails only then fails the test.
    private static readonly WebSocketClientOptions _patient = new() { ConnectTimeout = TimeSpan.FromMinutes(5) };

    [Theory]
    [MemberData(nameof(HandshakeAnswers.ThatOpen), MemberType = typeof(HandshakeAnswers))]
    public async Task An_answer_that_can_be_understood_opens_the_connection(string name, string answer)
    {
        Assert.NotEmpty(name);
        await using ScriptedServer server = Answering(answer + "\u0081\u0002hi");
        WebSocketConnection socket = await WebSocketClient.ConnectAsync(server.Address, _patient).WaitAsync(Patience.Long);
        Assert.Null(socket.Subprotocol);
        Assert.Null(socket.Deflate);
        Assert.Equal("hi", (await socket.ReadAsync().AsTask().WaitAsync(Patience.Long)).Text);
        socket.Abort();
    }

    [Theory]
    [MemberData(nameof(HandshakeAnswers.ThatFail), MemberType = typeof(HandshakeAnswers))]
    public async Task Another_answer_fails_at_once_and_is_named(string name, string answer, int status, string says)
    {
        Assert.NotEmpty(name);
        await using ScriptedServer server = Answering(answer);
        WebSocketHandshakeException exception = await FailsAsync(server);
        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
        Assert.Equal(status, (int)(exception.StatusCode ?? 0));
    }

    [Fact]
    public async Task Interim_answers_without_an_end_are_not_read_for_ever()
    {
        await using var server = new ScriptedServer(static async peer =>
        {
            await peer.ReadRequestAsync();
            try
            {
                while (true)
                {
                    await peer.SendAsync("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n");
                }
            }
            catch (IOException)
            {
                // The client has gone.
            }
        });
        WebSocketHandshakeException exception = await FailsAsync(server);
        Assert.Contains("more than 64 KiB", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 101 Switching")]
    [InlineData("HTTP/1.1 103 Early Hints\r\n\r\n")]
    public async Task A_server_that_ends_the_connection_instead_of_answering_is_told_of_and_not_asked_again(string beginning)
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.ReadRequestAsync();
            await peer.SendAsync(beginning);
        });
        WebSocketHandshakeException exception = await FailsAsync(server);
        Assert.StartsWith(
            $"The server at 127.0.0.1:{server.Port} ended the connection instead of answering",
            exception.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("try wss://", exception.Message, StringComparison.Ordinal);
        Assert.Equal(1, server.Count);
    }

    [Fact]
    public async Task A_server_that_resets_the_connection_instead_of_answering_is_told_of()
    {
        await using var server = new ScriptedServer(static async peer =>
        {
            await peer.ReadRequestAsync();
            peer.Reset();
        });
        WebSocketHandshakeException exception = await FailsAsync(server);
        Assert.StartsWith(
            $"The server at 127.0.0.1:{server.Port} reset the connection instead of answering",
            exception.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Without_an_own_stack_the_same_is_said()
    {
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        await using var server = new ScriptedServer(static peer => peer.ReadRequestAsync());
        WebSocketHandshakeException exception = await Assert.ThrowsAsync<WebSocketHandshakeException>(() =>
            WebSocketClient.ConnectAsync(server.Address, _patient with { Invoker = http }).WaitAsync(Patience.Long)
        );
        Assert.Contains("ended the connection instead of answering", exception.Message, StringComparison.Ordinal);
    }

    private static ScriptedServer Answering(string answer) =>
        new(async peer =>
        {
            HttpText request = await peer.ReadRequestAsync();
            string accept = HandshakeKey.Accept(request["Sec-WebSocket-Key"]);
            await peer.SendAsync(answer.Replace(HandshakeAnswers.Accept, accept, StringComparison.Ordinal));
            await peer.ReadToEndAsync();
        });

    private static async Task<WebSocketHandshakeException> FailsAsync(ScriptedServer server)
    {
        Task<WebSocketConnection> connecting = WebSocketClient.ConnectAsync(server.Address, _patient);
        return await Assert.ThrowsAsync<WebSocketHandshakeException>(() => connecting.WaitAsync(Patience.Long));
    }
}
