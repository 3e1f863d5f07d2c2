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

if (args is ["clients", ..])
{
    ClientSoakOptions? clients = ClientSoakOptions.Parse(args[1..], out string amiss);
    if (clients is null)
    {
        return Refuse(amiss);
    }

    return await new ClientSoak(clients, Console.Out).RunAsync() ? 0 : 1;
}

if (args is ["storm", ..])
{
    StormOptions? storm = StormOptions.Parse(args[1..], out string unknown);
    if (storm is null)
    {
        return Refuse(unknown);
    }

    return await new Storm(storm, Console.Out).RunAsync() ? 0 : 1;
}

if (args is ["hub", ..])
{
    HubSoakOptions? hub = HubSoakOptions.Parse(args[1..], out string wrong);
    if (hub is null)
    {
        return Refuse(wrong);
    }

    return await new HubSoak(hub, Console.Out).RunAsync() ? 0 : 1;
}

SoakOptions? options = SoakOptions.Parse(args, out string error);
if (options is null)
{
    return Refuse(error);
}

return await new SoakRun(options, Console.Out).RunAsync() ? 0 : 1;

static int Refuse(string error)
{
    Console.Error.Write(SoakOptions.Usage);
    Console.Error.WriteLine(error);
    return 2;
}
