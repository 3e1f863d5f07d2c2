using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Longwire.Conformance.Tests;

/// <summary>The platform's own client, driven as drivers for such suites do it.</summary>
public sealed class ClientSuiteTests
{
    private static readonly ClientSuiteOptions _options = new()
    {
        Endpoint = new IPEndPoint(IPAddress.Loopback, 0),
        Conformance = new()
        {
            Patterns = ["1.1.*", "2.*", "3.1", "5.3", "6.3.1", "7.3.*", "12.1.1", "20.4.1", "20.4.17", "20.4.33"],
            Patience = TimeSpan.FromMinutes(2),
            DeflateMessages = 5,
        },
    };

    [Fact]
    public async Task A_driver_runs_all_cases_and_asks_for_each_result()
    {
        await using ClientSuite suite = ClientSuite.Start(_options);

        int count = int.Parse(await AskAsync(suite, "/getCaseCount"));
        Assert.Equal(suite.Cases.Count, count);
        for (int number = 1; number <= count; number++)
        {
            await EchoAsync(suite, $"/runCase?case={number}&agent=the+platform", answer: true);
        }

        Assert.Equal("OK", await StatusAsync(suite, 1));
        using JsonDocument info = JsonDocument.Parse(await AskAsync(suite, "/getCaseInfo?case=2"));
        Assert.Equal("1.1.2", info.RootElement.GetProperty("id").GetString());
        Assert.False(suite.FirstFinished.IsCompleted);
        await AskAsync(suite, "/updateReports?agent=the+platform");
        Assert.Equal("the platform", await suite.FirstFinished.WaitAsync(_options.Conformance.Patience));

        ConformanceRun run = Assert.Single(suite.Runs);
        Assert.Equal("the platform", run.Agent);
        Assert.Equal(count, run.Results.Count);
        Assert.All(
            run.Results,
            r => Assert.True(r.IsConformant, $"{r.Case}: {r.Verdict}, close {r.CloseVerdict}. {r.Detail} {r.CloseDetail}")
        );
    }

    [Fact]
    public async Task A_client_that_answers_nothing_fails()
    {
        await using ClientSuite suite = ClientSuite.Start(
            _options with
            {
                Conformance = _options.Conformance with { Patterns = ["1.1.2"], Patience = TimeSpan.FromMilliseconds(300) },
            }
        );

        await EchoAsync(suite, "/runCase?casetuple=1.1.2&agent=mute", answer: false);

        Assert.Equal(Verdict.Failed, (await ResultAsync(suite)).Verdict);
    }

    [Theory]
    [InlineData(true, Verdict.Ok)]
    [InlineData(false, Verdict.Failed)]
    public async Task Behind_a_reset_a_client_has_to_call_again(bool calls, Verdict verdict)
    {
        await using ClientSuite suite = ClientSuite.Start(
            _options with
            {
                Conformance = _options.Conformance with
                {
                    Patterns = ["21.6.2"],
                    GiveUpWait = calls ? TimeSpan.FromSeconds(20) : TimeSpan.FromMilliseconds(300),
                },
            }
        );

        await EchoAsync(suite, "/runCase?case=1&agent=once", answer: true);
        if (calls)
        {
            await AskAsync(suite, "/updateReports?agent=once");
        }

        Assert.Equal(verdict, (await ResultAsync(suite)).Verdict);
    }

    [Fact]
    public async Task A_client_that_takes_any_answer_to_its_handshake_fails()
    {
        await using ClientSuite suite = ClientSuite.Start(
            _options with
            {
                Conformance = _options.Conformance with { Patterns = ["20.4.16"] },
            }
        );
        using System.Net.Sockets.TcpClient tcp = new();
        await tcp.ConnectAsync(suite.Uri.Host, suite.Uri.Port);
        await using System.Net.Sockets.NetworkStream stream = tcp.GetStream();
        HandshakeRequest request = HandshakeRequest.For(new Uri(suite.Uri, "/runCase?case=1&agent=credulous"), _options.Conformance);
        await stream.WriteAsync(request.ToOctets());
        await HttpReader.ReadAsync(stream, _options.Conformance.Patience, CancellationToken.None);
        System.Buffers.ArrayBufferWriter<byte> echo = new();
        FrameEncoder.Write(echo, WireFrame.OfText("Hello"), maskByDefault: true);
        await stream.WriteAsync(echo.WrittenMemory);

        Assert.Equal(Verdict.Failed, (await ResultAsync(suite)).Verdict);
    }

    [Fact]
    public async Task A_case_that_a_client_left_at_once_is_in_the_report()
    {
        await using ClientSuite suite = ClientSuite.Start(
            _options with
            {
                Conformance = _options.Conformance with { Patterns = ["21.1.8"] },
            }
        );
        for (int i = 0; i < 20; i++)
        {
            using (System.Net.Sockets.TcpClient tcp = new())
            {
                await tcp.ConnectAsync(suite.Uri.Host, suite.Uri.Port);
                Uri target = new(suite.Uri, $"/runCase?case=1&agent=hasty{i}");
                await tcp.GetStream().WriteAsync(HandshakeRequest.For(target, _options.Conformance).ToOctets());
                await HttpReader.ReadAsync(tcp.GetStream(), _options.Conformance.Patience, CancellationToken.None);
            }

            await AskAsync(suite, $"/updateReports?agent=hasty{i}");
            Assert.Single(suite.Runs.Single(run => run.Agent == $"hasty{i}").Results);
        }
    }

    [Fact]
    public async Task What_is_no_question_is_not_found()
    {
        await using ClientSuite suite = ClientSuite.Start(_options);
        using HttpClient http = new();

        using HttpResponseMessage answer = await http.GetAsync(new UriBuilder(suite.Uri) { Scheme = "http", Path = "/other" }.Uri);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task<CaseResult> ResultAsync(ClientSuite suite)
    {
        await Progress.ToAsync(1, () => suite.Runs.Sum(static run => run.Results.Count));
        return Assert.Single(Assert.Single(suite.Runs).Results);
    }

    private static async Task<string> StatusAsync(ClientSuite suite, int number)
    {
        using JsonDocument status = JsonDocument.Parse(await AskAsync(suite, $"/getCaseStatus?case={number}&agent=the+platform"));
        return status.RootElement.GetProperty("behavior").GetString()!;
    }

    private static async Task<string> AskAsync(ClientSuite suite, string target)
    {
        using ClientWebSocket socket = new();
        await socket.ConnectAsync(new Uri(suite.Uri, target), TestContext.Current.CancellationToken);
        byte[] buffer = new byte[4096];
        string answer = "";
        while (true)
        {
            WebSocketReceiveResult result = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                break;
            }

            answer += Encoding.UTF8.GetString(buffer, 0, result.Count);
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        return answer;
    }

    private static async Task EchoAsync(ClientSuite suite, string target, bool answer)
    {
        using ClientWebSocket socket = new();
        socket.Options.DangerousDeflateOptions = new();
        try
        {
            await socket.ConnectAsync(new Uri(suite.Uri, target), TestContext.Current.CancellationToken);
            byte[] buffer = new byte[128 * 1024];
            while (true)
            {
                ValueWebSocketReceiveResult result = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                if (answer)
                {
                    await socket.SendAsync(
                        buffer.AsMemory(0, result.Count),
                        result.MessageType,
                        result.EndOfMessage,
                        TestContext.Current.CancellationToken
                    );
                }
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        }
        catch (WebSocketException)
        {
            // The case was about a fault, and the client has found it.
        }
    }
}
