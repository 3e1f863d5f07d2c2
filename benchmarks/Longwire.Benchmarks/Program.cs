using BenchmarkDotNet.Running;
using Longwire.Benchmarks;

// `--quick` and a default for `--filter` are ours; all other arguments are BenchmarkDotNet's.
bool quick = args.Contains("--quick");
string[] arguments = [.. args.Where(argument => argument != "--quick")];
if (!arguments.Contains("--filter") && !arguments.Contains("--list"))
{
    arguments = [.. arguments, "--filter", "*"];
}

BenchmarkSwitcher.FromAssembly(typeof(BenchmarkPlan).Assembly).Run(arguments, new BenchmarkPlan(quick));
