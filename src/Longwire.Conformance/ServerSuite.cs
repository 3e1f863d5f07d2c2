using System.Diagnostics;

namespace Longwire.Conformance;

/// <summary>Runs the cases against a server that echoes each message: the suite is the client.</summary>
public static class ServerSuite
{
    /// <summary>
    /// Runs the cases that <see cref="ConformanceOptions.Patterns"/> pick: the light ones side by side, then the heavy ones, then those
    /// that want to be alone.
    /// </summary>
    /// <param name="uri">The endpoint, <c>ws://</c> or <c>wss://</c>, that sends back what it gets.</param>
    /// <param name="options">The cases to run, or null for all.</param>
    /// <param name="sink">Is told of each case, or null.</param>
    /// <param name="cancellationToken">Stops the run; the cases under way are thrown away.</param>
    /// <returns>The results. A peer that does everything wrong is a result, too.</returns>
    /// <exception cref="IOException">Nobody listens there.</exception>
    public static async Task<ConformanceRun> RunAsync(
        Uri uri,
        ConformanceOptions? options = null,
        IConformanceSink? sink = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(uri);
        options ??= new();
        Subjects subject = options.Http2 ? Subjects.Http2Server : Subjects.Server;
        ServerTarget target = new(uri, options);
        await EnsureListeningAsync(target, cancellationToken);

        DateTimeOffset started = TimeProvider.System.GetUtcNow();
        long clock = Stopwatch.GetTimestamp();
        ResultCollector collector = new(sink);
        IReadOnlyList<ConformanceCase> cases = CaseCatalog.Select(subject, options.Patterns);
        foreach (
            (CaseLoad load, int parallelism) in ((CaseLoad, int)[])
                [(CaseLoad.Light, options.Parallelism), (CaseLoad.Heavy, options.HeavyParallelism), (CaseLoad.Alone, 1)]
        )
        {
            // The longest first, so that none of them is left over at the end.
            await Parallel.ForEachAsync(
                cases.Where(c => c.Load == load).OrderByDescending(c => c.Id.Chapter),
                new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellationToken },
                async (conformanceCase, token) => await RunOneAsync(conformanceCase, target, subject, options, collector, token)
            );
        }

        return new()
        {
            Agent = uri.ToString(),
            Subject = subject,
            Started = started,
            Duration = Stopwatch.GetElapsedTime(clock),
            Results = collector.Results(),
        };
    }

    private static async Task RunOneAsync(
        ConformanceCase conformanceCase,
        ServerTarget target,
        Subjects subject,
        ConformanceOptions options,
        ResultCollector collector,
        CancellationToken cancellationToken
    )
    {
        collector.Start(conformanceCase);
        CaseResult result;
        await using (CaseRun run = new(conformanceCase, options, subject, cancellationToken) { Target = target })
        {
            result = await run.RunAsync();
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (conformanceCase.ProbeAfterwards && result.Verdict != Verdict.Failed)
        {
            result = await ProbeAsync(result, target, subject, options, cancellationToken);
        }

        collector.Finish(result);
    }

    // After an attack the server has to serve others as before.
    private static async Task<CaseResult> ProbeAsync(
        CaseResult result,
        ServerTarget target,
        Subjects subject,
        ConformanceOptions options,
        CancellationToken cancellationToken
    )
    {
        ConformanceCase probe = new(
            "0",
            "Probe.",
            "Echo.",
            Scripts.Answers([WireFrame.OfText("still there?")], Chops.Whole, PeerEvent.Text("still there?"))
        );
        await using CaseRun run = new(probe, options, subject, cancellationToken) { Target = target };
        CaseResult probed = await run.RunAsync();
        return probed.Verdict == Verdict.Ok
            ? result
            : result with
            {
                Verdict = Verdict.Failed,
                Detail = $"{result.Detail} Afterwards the server did not serve an ordinary connection: {probed.Detail}",
            };
    }

    private static async Task EnsureListeningAsync(ServerTarget target, CancellationToken cancellationToken)
    {
        try
        {
            using System.Net.Sockets.TcpClient client = new();
            await client.ConnectAsync(target.Uri.DnsSafeHost, target.Uri.Port, cancellationToken);
        }
        catch (System.Net.Sockets.SocketException exception)
        {
            throw new IOException($"Nobody listens at {target.Uri}: {exception.Message}", exception);
        }
    }
}
