using System.Diagnostics;
using System.Globalization;
using Longwire.Fuzzing;

if (args is ["--instrument", string folder])
{
    Coverage.WriteTo(folder);
    return 0;
}

Coverage.Start();
AssertionListener assertions = AssertionListener.Install();
FuzzOptions? options = FuzzOptions.Parse(args, [.. FuzzTargets.All.Keys], out string error);
if (options is null)
{
    Console.Error.Write(FuzzOptions.Usage);
    Console.Error.WriteLine(error);
    return 2;
}

if (options.Replay is { } file)
{
    using FuzzTarget target = FuzzTargets.All[options.Target]();
    byte[] input = Finding.ReadInput(file);
    try
    {
        for (int attempt = target.IsDeterministic ? 1 : 100; attempt > 0; attempt--)
        {
            string outcome = target.Check(input);
            assertions.ThrowIfFailed();
            Console.WriteLine($"{options.Target}: {outcome}");
        }

        return 0;
    }
    catch (Exception exception)
    {
        Console.WriteLine($"FINDING {options.Target}, {input.Length} bytes");
        Console.WriteLine(exception);
        return 1;
    }
}

int findings = 0;
foreach ((string name, Func<FuzzTarget> create) in FuzzTargets.All)
{
    if (options.Target != "all" && options.Target != name)
    {
        continue;
    }

    var run = new FuzzRun(create, options.Seed, Console.Out, Path.Combine("artifacts", "fuzz"), assertions);
    var clock = Stopwatch.StartNew();
    run.Run(options.Time, options.Threads);
    findings += run.Findings.Count;
    Console.WriteLine(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {run.Executions:N0} executions in {clock.Elapsed.TotalSeconds:F0} s, {run.Executions / clock.Elapsed.TotalSeconds:N0}/s, {run.Outcomes} kinds of outcome, {Coverage.Branches} branches, {run.Findings.Count} findings, seed {options.Seed}, {options.Threads} threads"
        )
    );
}

return findings == 0 ? 0 : 1;
