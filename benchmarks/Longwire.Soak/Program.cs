using System.Globalization;
using Longwire.Soak;

if (args is ["serve", var name] && Enum.TryParse(name, out SoakTransport served))
{
    await SoakServer.RunAsync(served);
    return 0;
}

if (args is ["storm-serve", var carrier, var port] && Enum.TryParse(carrier, out SoakTransport stormy))
{
    await StormServer.RunAsync(stormy, int.Parse(port, CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["clients-write", var address, var room, var file, var run, var count, var how])
{
    int number = int.Parse(run, CultureInfo.InvariantCulture);
    await ClientSoakWriter.RunAsync(address, room, file, number, int.Parse(count, CultureInfo.InvariantCulture), how == "twice");
    return 0;
}

var line = new SoakArguments(args is ["hub" or "clients" or "storm", .. var options] ? options : args);
Func<Task<bool>> runAsync = args switch
{
    ["hub", ..] => new HubSoak(new HubSoakOptions(line), Console.Out).RunAsync,
    ["clients", ..] => new ClientSoak(new ClientSoakOptions(line), Console.Out).RunAsync,
    ["storm", ..] => new Storm(new StormOptions(line), Console.Out).RunAsync,
    _ => new SoakRun(new SoakOptions(line), Console.Out).RunAsync,
};
if (line.Error is { } error)
{
    Console.Error.Write(SoakOptions.Usage);
    Console.Error.WriteLine(error);
    return 2;
}

return await runAsync() ? 0 : 1;
