namespace Longwire.Hubs.Client.Tests;

[HubMessage("message")]
internal sealed record Say(string Text);

internal sealed record Edit(int Number);

internal sealed record Typing(bool On);

internal sealed record Search(string Text);

internal sealed record Found(int Count);

internal sealed record Confirm(string Text);
