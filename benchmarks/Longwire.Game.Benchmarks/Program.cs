using System.Globalization;
using Longwire.Game.Benchmarks;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["serve"])
{
    await Server.RunAsync();
    return 0;
}

if (BenchmarkOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(BenchmarkOptions.Usage);
    return 1;
}

Console.WriteLine(await Report.MakeAsync(options));
return 0;
