namespace Longwire.Transport.Linux;

/// <summary>A delegate and its argument as a work item.</summary>
internal sealed class ActionWorkItem(Action<object?> action, object? state) : LoopWorkItem
{
    protected internal override void Execute() => action(state);
}
