namespace Longwire.JavaScript.Hub;

internal sealed record Confirm(string Text);
