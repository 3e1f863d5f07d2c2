namespace Longwire.JavaScript.Hub;

internal sealed record Search(string Text);
