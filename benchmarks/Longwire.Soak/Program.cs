using Longwire.Soak;

if (args is ["serve", var name] && Enum.TryParse(name, out SoakTransport served))
{
    await SoakServer.RunAsync(served);
    return 0;
}

if (args is ["hub", ..])
{
    HubSoakOptions? hub = HubSoakOptions.Parse(args[1..], out string wrong);
    if (hub is null)
    {
        Console.Error.Write(SoakOptions.Usage);
        Console.Error.WriteLine(wrong);
        return 2;
    }

    return await new HubSoak(hub, Console.Out).RunAsync() ? 0 : 1;
}

SoakOptions? options = SoakOptions.Parse(args, out string error);
if (options is null)
{
    Console.Error.Write(SoakOptions.Usage);
    Console.Error.WriteLine(error);
    return 2;
}

return await new SoakRun(options, Console.Out).RunAsync() ? 0 : 1;
