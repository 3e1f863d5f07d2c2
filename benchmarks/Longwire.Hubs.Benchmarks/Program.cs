using System.Globalization;
using Longwire.Hubs.Benchmarks;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["serve"])
{
    await Server.RunAsync();
    return 0;
}

if (args is ["serve", "limits"])
{
    await LimitedServer.RunAsync();
    return 0;
}

if (args is ["limits"])
{
    (string table, Dictionary<string, double> free) = await SocketLimitFigures.MeasureAsync();
    Console.WriteLine(table);
    Console.Write(await LimitFigures.MeasureAsync(rounds: 41, free));
    return 0;
}

if (args is ["ways", var members])
{
    Console.WriteLine(await Report.CompareWaysAsync(int.Parse(members)));
    return 0;
}

if (args is ["joins"])
{
    Console.WriteLine(await Report.JoinAndLeaveAsync());
    return 0;
}

if (args is ["members"])
{
    Console.Write(await Report.WeighAsync());
    return 0;
}

if (args is ["traces"])
{
    Console.WriteLine(await TraceFigures.MeasureAsync());
    return 0;
}

if (BenchmarkOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(BenchmarkOptions.Usage);
    return 1;
}

Console.WriteLine(await Report.MakeAsync(options));
return 0;
