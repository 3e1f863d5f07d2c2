namespace Longwire.JavaScript.Hub;

internal sealed record Typing(bool On);
