namespace Longwire.Hubs;

/// <summary>Where a hook is: its name for errors, the parameters of its room's name, and what it may be bound to.</summary>
internal sealed class HookScope(string place, IReadOnlyList<string> parameters, HubApplication application, List<string> faults)
{
    /// <summary>The names of the values that a room's name gives; none outside of rooms.</summary>
    public IReadOnlyList<string> Parameters => parameters;

    public HubApplication Application => application;

    public IServiceProvider Services => application.Services;

    public MessageContracts Contracts => application.Contracts;

    /// <summary>The same place, further in.</summary>
    public HookScope Within(string hook) => new(place.Length == 0 ? hook : $"{place}.{hook}", parameters, application, faults);

    public void AddFault(string what) => faults.Add($"{place}: {what}");

    /// <summary>The contract of a message's class; null when it is none, which is a fault.</summary>
    public MessageContract? FindContract(Type type, bool inRooms)
    {
        MessageContract? contract = Contracts.Find(type, out string? fault);
        fault ??= contract!.FindFault(inRooms);
        if (fault is null)
        {
            return contract;
        }

        AddFault(fault);
        return null;
    }
}
