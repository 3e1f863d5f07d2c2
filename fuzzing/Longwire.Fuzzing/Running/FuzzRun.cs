using System.Diagnostics;
using System.Globalization;

namespace Longwire.Fuzzing;

/// <summary>Runs a target for a time or a count, on as many threads as told.</summary>
internal sealed class FuzzRun(
    Func<FuzzTarget> createTarget,
    int seed,
    TextWriter output,
    string findingsFolder,
    AssertionListener? assertions = null
)
{
    private const int MaxFindings = 10;

    private static readonly TimeSpan _sayEvery = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly HashSet<string> _kinds = [];
    private readonly List<Finding> _findings = [];
    private Worker[] _workers = [];
    private volatile bool _stop;
    private volatile string _name = "";

    /// <summary>How long a single input may take before that is a finding itself.</summary>
    public static TimeSpan LongestCheck { get; } = TimeSpan.FromSeconds(60);

    public IReadOnlyList<Finding> Findings => _findings;

    public long Executions => _workers.Sum(worker => worker.Executions);

    public int Outcomes => _workers.Length == 0 ? 0 : _workers.Max(worker => worker.Corpus.Outcomes);

    /// <summary>Runs until the time is over, or so many inputs have been run on each thread, or there are findings enough.</summary>
    public void Run(TimeSpan time, int threads, long iterations = long.MaxValue)
    {
        Coverage.Restart();
        _workers = [.. Enumerable.Range(0, threads).Select(number => new Worker(number))];
        Thread[] running =
        [
            .. _workers.Select(worker => new Thread(() => Work(worker, iterations))
            {
                IsBackground = true,
                Name = $"fuzz {worker.Number}",
            }),
        ];
        AppDomain.CurrentDomain.UnhandledException += WriteLast;
        Array.ForEach(running, thread => thread.Start());
        try
        {
            Wait(time, running);
        }
        finally
        {
            AppDomain.CurrentDomain.UnhandledException -= WriteLast;
        }
    }

    private void Wait(TimeSpan time, Thread[] running)
    {
        var clock = Stopwatch.StartNew();
        TimeSpan sayAt = _sayEvery;
        while (running.Any(thread => thread.IsAlive))
        {
            _stop |= clock.Elapsed >= time;
            if (clock.Elapsed >= sayAt)
            {
                Say($"{_name}: {Executions:N0} executions in {clock.Elapsed.TotalSeconds:F0} s so far");
                sayAt += _sayEvery;
            }

            foreach (Worker worker in _workers)
            {
                if (worker.CurrentTime > LongestCheck)
                {
                    Report(
                        worker,
                        worker.Current!,
                        new IllegalOutcomeException($"It does not end within {LongestCheck.TotalSeconds} s"),
                        minimise: null
                    );
                    return;
                }
            }

            running[0].Join(running.Length == 1 ? 50 : 10);
            Thread.Sleep(running[0].IsAlive ? 0 : 10);
        }
    }

    // How far a run of hours has come is known when somebody ends it.
    private void Say(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    // An exception on a thread of the pool ends the process: the input has to be written down before.
    private void WriteLast(object sender, UnhandledExceptionEventArgs arguments)
    {
        foreach (Worker worker in _workers)
        {
            if (worker.Current is { } input)
            {
                Publish(worker, input, (Exception)arguments.ExceptionObject);
            }
        }
    }

    private void Work(Worker worker, long iterations)
    {
        FuzzTarget target = createTarget();
        _name = target.Name;
        try
        {
            for (long iteration = 0; iteration < iterations && !_stop; iteration++)
            {
                var random = new Random(Mix(seed, worker.Number, iteration));
                byte[] input = Next(target, worker.Corpus, random);
                worker.Begin(iteration, input);
                try
                {
                    Coverage.Begin();
                    string outcome = Check(target, input);
                    worker.Corpus.Note(outcome, input, Coverage.HasNew(), random);
                }
                catch (Exception exception)
                {
                    target = Report(worker, input, exception, target);
                }

                worker.End();
            }
        }
        finally
        {
            target.Dispose();
        }
    }

    private string Check(FuzzTarget target, byte[] input)
    {
        try
        {
            return target.Check(input);
        }
        finally
        {
            // An assertion that failed is the cause of whatever else went wrong.
            assertions?.ThrowIfFailed();
        }
    }

    // Each input depends on the seed, the thread and the iteration, and on the corpus that those before it left.
    private static int Mix(int seed, int thread, long iteration)
    {
        ulong mixed = (ulong)seed * 0x9E3779B97F4A7C15 + (ulong)thread * 0xBF58476D1CE4E5B9 + (ulong)iteration * 0x94D049BB133111EB;
        mixed = (mixed ^ (mixed >> 31)) * 0xD6E8FEB86659FD93;
        return (int)(mixed >> 32);
    }

    private static byte[] Next(FuzzTarget target, Corpus corpus, Random random)
    {
        if (!corpus.IsEmpty && random.Next(2) == 0)
        {
            return Mutator.Mutate(corpus.Pick(random), corpus.Pick(random), random);
        }

        byte[] made = target.Generate(random);
        return random.Next(3) == 0 ? Mutator.Mutate(made, corpus.IsEmpty ? made : corpus.Pick(random), random) : made;
    }

    // Remains of a finding must not spoil later inputs: the run goes on with a fresh target.
    private FuzzTarget Report(Worker worker, byte[] input, Exception exception, FuzzTarget? minimise)
    {
        string kind = Finding.KindOf(exception);
        lock (_lock)
        {
            if (!_kinds.Add(kind))
            {
                minimise?.Dispose();
                return minimise is null ? null! : createTarget();
            }
        }

        Exception shown = exception;
        byte[] smallest = input;
        FuzzTarget? target = minimise;
        if (target is not null)
        {
            smallest = Minimiser.Minimise(input, Fails, TimeSpan.FromSeconds(10));
            target.Dispose();
            target = createTarget();
        }

        Publish(worker, smallest, shown);
        return target!;

        bool Fails(byte[] candidate)
        {
            for (int attempt = target!.IsDeterministic ? 1 : 5; attempt > 0; attempt--)
            {
                try
                {
                    worker.Begin(worker.Iteration, candidate);
                    Check(target, candidate);
                }
                catch (Exception again) when (Finding.KindOf(again) == kind)
                {
                    shown = again;
                    target.Dispose();
                    target = createTarget();
                    return true;
                }
                catch (Exception)
                {
                    target.Dispose();
                    target = createTarget();
                }
            }

            return false;
        }
    }

    private void Publish(Worker worker, byte[] input, Exception exception)
    {
        var finding = new Finding(_name, seed, worker.Number, worker.Iteration, input, exception.ToString());
        lock (_lock)
        {
            _findings.Add(finding);
            string path = finding.Write(findingsFolder);
            output.WriteLine($"FINDING {finding.Headline}");
            output.WriteLine($"  {exception.GetType().Name}: {exception.Message}");
            output.WriteLine($"  {Convert.ToHexString(input)}");
            output.WriteLine($"  written to {path}");
            _stop |= _findings.Count >= MaxFindings;
        }
    }

    private sealed class Worker(int number)
    {
        private long _began;

        public int Number => number;

        public Corpus Corpus { get; } = new();

        public long Executions { get; private set; }

        public long Iteration { get; private set; }

        public volatile byte[]? Current;

        public TimeSpan CurrentTime => Current is null ? TimeSpan.Zero : Stopwatch.GetElapsedTime(Volatile.Read(ref _began));

        public void Begin(long iteration, byte[] input)
        {
            Iteration = iteration;
            Volatile.Write(ref _began, Stopwatch.GetTimestamp());
            Current = input;
        }

        public void End()
        {
            Current = null;
            Executions++;
        }
    }
}
