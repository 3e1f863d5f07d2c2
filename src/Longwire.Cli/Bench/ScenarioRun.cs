using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Longwire.Cli.Connect;
using Longwire.Cli.Network;
using Longwire.Client;

namespace Longwire.Cli.Bench;

/// <summary>Users who come and go by a scenario's stages, and do what its steps say.</summary>
internal sealed class ScenarioRun
{
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(100);

    private readonly Scenario _scenario;
    private readonly Uri _address;
    private readonly NetworkOptions _network;
    private readonly IReadOnlyList<KeyValuePair<string, string>> _headers;
    private readonly Dictionary<ScenarioStep, Regex?> _patterns;
    private readonly ConcurrentDictionary<string, LatencyHistogram> _latencies = new();
    private readonly List<(Task Task, CancellationTokenSource End)> _users = [];
    private long _failures;
    private long _ids;
    private string? _firstFailure;
    private int _started;

    /// <exception cref="FormatException">An expectation is no regular expression.</exception>
    public ScenarioRun(Scenario scenario, Uri address, NetworkOptions network, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        _scenario = scenario;
        _address = address;
        _network = network;
        _headers = headers;
        _patterns = new Dictionary<ScenarioStep, Regex?>(ReferenceEqualityComparer.Instance);
        foreach (ScenarioStep step in scenario.First.Concat(scenario.Repeat))
        {
            try
            {
                _patterns[step] = step.Expect is null
                    ? null
                    : new Regex(step.Expect, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            }
            catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
            {
                throw new FormatException($"'{step.Expect}' is no regular expression: {exception.Message}", exception);
            }
        }
    }

    public async Task<ScenarioResult> RunAsync(CancellationToken interrupt)
    {
        long began = Stopwatch.GetTimestamp();
        int most = 0;
        int before = 0;
        double start = 0;
        foreach (ScenarioStage stage in _scenario.Stages)
        {
            while (
                Stopwatch.GetElapsedTime(began).TotalSeconds - start is var elapsed
                && elapsed < stage.Seconds
                && !interrupt.IsCancellationRequested
            )
            {
                int wanted =
                    before + (int)Math.Ceiling((stage.Users - before) * Math.Min(1, (elapsed + _step.TotalSeconds) / stage.Seconds));
                most = Math.Max(most, wanted);
                Adjust(wanted);
                await Task.WhenAny(Task.Delay(_step, interrupt));
            }

            before = stage.Users;
            start += stage.Seconds;
        }

        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Adjust(0);
        await Task.WhenAll(_users.Select(static user => user.Task));
        return new ScenarioResult(most, seconds, [.. Names().Select(Result)], _failures, _firstFailure);
    }

    private IEnumerable<string> Names() => _scenario.First.Concat(_scenario.Repeat).Select(NameOf).Prepend("connect").Distinct();

    private static string NameOf(ScenarioStep step) =>
        step.Name
        ?? (
            step.Send is not null ? "send"
            : step.Expect is not null ? "expect"
            : "think"
        );

    private ScenarioStepResult Result(string name)
    {
        LatencyHistogram latency = _latencies.GetOrAdd(name, static _ => new LatencyHistogram());
        return new ScenarioStepResult(
            name,
            latency.Count,
            latency.QuantileMicroseconds(0.5),
            latency.QuantileMicroseconds(0.99),
            latency.QuantileMicroseconds(1)
        );
    }

    private void Adjust(int wanted)
    {
        _users.RemoveAll(static user => user.Task.IsCompleted);
        int running = _users.Count(static user => !user.End.IsCancellationRequested);
        for (; running < wanted; running++)
        {
            var end = new CancellationTokenSource();
            int number = _started++;
            _users.Add((Task.Run(() => LiveAsync(number, end.Token)), end));
        }

        foreach (
            (Task _, CancellationTokenSource end) in _users.Where(static user => !user.End.IsCancellationRequested).Skip(wanted).ToArray()
        )
        {
            end.Cancel();
        }
    }

    private async Task LiveAsync(int user, CancellationToken end)
    {
        try
        {
            long began = Stopwatch.GetTimestamp();
            WebSocketConnection connection = await NetworkClient.ConnectAsync(
                _address,
                _network,
                new WebSocketClientOptions
                {
                    Headers = _headers,
                    Connection = WebSocketConnectionOptions.Default with { CloseTimeout = TimeSpan.FromSeconds(1) },
                },
                null,
                end
            );
            Record("connect", began);
            try
            {
                await ActAsync(connection, _scenario.First, user, 0, end);
                for (int round = 1; _scenario.Repeat.Count > 0; round++)
                {
                    await ActAsync(connection, _scenario.Repeat, user, round, end);
                }

                await Task.Delay(Timeout.Infinite, end);
            }
            finally
            {
                connection.TryClose(CloseStatus.NormalClosure);
                await Task.WhenAny(connection.Completion, Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None));
                connection.Abort();
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Its time is over.
        }
        catch (Exception exception) when (exception is WebSocketHandshakeException or WebSocketClosedException or BenchFault)
        {
            Interlocked.Increment(ref _failures);
            string text = exception is WebSocketHandshakeException refused ? Refusal.Explain(refused, _address) : exception.Message;
            Interlocked.CompareExchange(ref _firstFailure, $"User {user}: {text}", null);
        }
    }

    private async Task ActAsync(
        WebSocketConnection connection,
        IReadOnlyList<ScenarioStep> steps,
        int user,
        int round,
        CancellationToken end
    )
    {
        foreach (ScenarioStep step in steps)
        {
            long began = Stopwatch.GetTimestamp();
            if (step.Send is { } template)
            {
                string text = template
                    .Replace("{user}", $"{user}", StringComparison.Ordinal)
                    .Replace("{round}", $"{round}", StringComparison.Ordinal)
                    .Replace("{id}", $"{Interlocked.Increment(ref _ids)}", StringComparison.Ordinal);
                await connection.SendTextAsync(text, end);
            }

            if (_patterns[step] is { } pattern)
            {
                await ExpectAsync(connection, step, pattern, end);
            }

            if (step.Send is not null || step.Expect is not null)
            {
                Record(NameOf(step), began);
            }

            if (step.ThinkSeconds > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds(step.ThinkSeconds), end);
            }
        }
    }

    private async Task ExpectAsync(WebSocketConnection connection, ScenarioStep step, Regex pattern, CancellationToken end)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(end);
        patience.CancelAfter(TimeSpan.FromSeconds(_scenario.PatienceSeconds));
        string last = "";
        try
        {
            do
            {
                last = (await connection.ReadAsync(patience.Token)).Text;
            } while (!pattern.IsMatch(last));
        }
        catch (OperationCanceledException) when (!end.IsCancellationRequested)
        {
            string came = last.Length == 0 ? "nothing came" : $"the last that came was: {last[..Math.Min(200, last.Length)]}";
            throw new BenchFault(
                $"{NameOf(step)}: no message matched '{step.Expect}' within {_scenario.PatienceSeconds} s; {came}",
                ExitCode.Timeout
            );
        }
    }

    private void Record(string name, long began)
    {
        LatencyHistogram latency = _latencies.GetOrAdd(name, static _ => new LatencyHistogram());
        long nanoseconds = (long)(Stopwatch.GetElapsedTime(began).TotalMilliseconds * 1_000_000);
        lock (latency)
        {
            latency.Record(nanoseconds);
        }
    }
}
