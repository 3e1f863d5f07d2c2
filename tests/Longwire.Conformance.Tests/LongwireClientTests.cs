using System.Net;
using Longwire.Cli.Serve;
using Longwire.Client;

namespace Longwire.Conformance.Tests;

/// <summary>
/// Longwire's client, echoing, in all cases but those that take minutes (9.*, 12.*, 13.*). <c>LONGWIRE_CONFORMANCE=full</c> runs those too.
/// </summary>
public sealed class LongwireClientTests
{
    private static readonly bool _full = Environment.GetEnvironmentVariable("LONGWIRE_CONFORMANCE") == "full";

    [Fact]
    public async Task It_is_OK_in_every_case()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using ClientSuite suite = ClientSuite.Start(
            new ClientSuiteOptions
            {
                Endpoint = new IPEndPoint(IPAddress.Loopback, 0),
                Conformance = new()
                {
                    Patterns = _full ? ["*"] : ["*", "!9.*", "!12.*", "!13.*"],
                    DeflateMessages = _full ? 100 : 5,
                    Patience = TimeSpan.FromMinutes(2),
                    GiveUpWait = TimeSpan.FromMinutes(2),
                    SlowReading = TimeSpan.FromSeconds(10),
                    Pause = TimeSpan.FromSeconds(10),
                },
            }
        );
        var options = new WebSocketClientOptions
        {
            UseProxy = false,
            Connection = WebSocketConnectionOptions.Default with
            {
                MaxMessageBytes = EchoHandler.MaxMessageBytes,
                Deflate = new Protocol.DeflateOptions
                {
                    Enabled = true,
                    ServerNoContextTakeover = false,
                    ClientNoContextTakeover = false,
                },
            },
        };
        await Parallel.ForAsync(
            1,
            suite.Cases.Count + 1,
            new ParallelOptions { MaxDegreeOfParallelism = _full ? 4 : 64, CancellationToken = cancellation },
            async (number, token) =>
            {
                try
                {
                    WebSocketConnection connection = await WebSocketClient.ConnectAsync(
                        new Uri(suite.Uri, $"/runCase?case={number}&agent=longwire"),
                        new EchoHandler(),
                        options,
                        token
                    );
                    await connection.Completion.WaitAsync(token);
                }
                catch (WebSocketHandshakeException)
                {
                    // The subject of some of the cases: the handshake is wrong, and the client has to refuse it.
                }
            }
        );
        // The cases with a reset wait for the client's next call.
        var last = new Uri(suite.Uri, "/updateReports?agent=longwire");
        await (await WebSocketClient.ConnectAsync(last, options, cancellation)).CloseAsync(cancellationToken: cancellation);

        // A case ends when the suite has seen the end of TCP, a moment after the client.
        await Progress.ToAsync(suite.Cases.Count, () => suite.Runs.Sum(static run => run.Results.Count));

        Assert.Empty(
            suite
                .Runs[0]
                .Results.Where(static result => !result.IsStrictlyOk)
                .Select(static result =>
                    $"{result.Case.Id} {result.Verdict.ToName()} {result.CloseVerdict.ToName()} {result.Detail} {result.CloseDetail}"
                )
        );
        Assert.InRange(suite.Cases.Count, 350, int.MaxValue);
    }
}
