#!/usr/bin/env bash
# Judges the other implementations, as servers and as clients, by `longwire conform`, all side by side:
#   tests/Longwire.Interop.Tests/peers/conform.sh [FOLDER] [CASES ...]
#   tests/Longwire.Interop.Tests/peers/conform.sh /tmp/verdicts 21
# Writes FOLDER/NAME-server.txt and FOLDER/NAME-client.txt, and their last lines to the terminal. What ./test Interop needs has to be there.
set -euo pipefail
peers=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$peers/../../.."
results=${1:-artifacts/verdicts}
shift || true
mkdir -p "$results"

for project in src/Longwire.Cli benchmarks/peers/SystemNetWebSockets; do
  dotnet build "$project" -c Release -v q --nologo -clp:NoSummary
done
[ -d "$peers/node_modules" ] || npm ci --prefix "$peers" --no-audit --no-fund --silent
(
  cd "$peers/gorilla"
  GO111MODULE=off GOFLAGS='' GOPATH=/usr/share/gocode GOCACHE="$OLDPWD/artifacts/peers/go-cache" /usr/bin/go build -o "$OLDPWD/artifacts/peers/gorilla" .
)

longwire=(dotnet artifacts/bin/Longwire.Cli/release/Longwire.Cli.dll conform)
dotnet_peer=(dotnet artifacts/bin/SystemNetWebSockets/release/SystemNetWebSockets.dll)

judge_server() {
  local name=$1 log=$results/$1-server.log command
  case "$name" in
    ws) command=(node "$peers/ws-server.js") ;;
    System.Net.WebSockets) command=("${dotnet_peer[@]}" 0 deflate) ;;
    gorilla) command=(artifacts/peers/gorilla server) ;;
    *) command=(/usr/bin/python3 "$peers/${name}_server.py") ;;
  esac
  "${command[@]}" > "$log" 2>&1 &
  local server=$!
  until grep -q '^listening' "$log"; do sleep 0.2; done
  "${longwire[@]}" server --patience 20 "ws://127.0.0.1:$(sed -n 's/^listening //p' "$log" | head -n 1)/" "${@:2}" > "$results/$name-server.txt" 2>&1 || true
  kill "$server" || true
}

judge_client() {
  local name=$1 address=ws://127.0.0.1:$2 command
  case "$name" in
    ws) command=(node "$peers/ws-conform.js" "$address") ;;
    System.Net.WebSockets) command=("${dotnet_peer[@]}" conform "$address") ;;
    gorilla) command=(artifacts/peers/gorilla client "$address" conform) ;;
    *) command=(/usr/bin/python3 "$peers/${name}_conform.py" "$address") ;;
  esac
  "${longwire[@]}" client --patience 20 --port "$2" "${@:3}" > "$results/$name-client.txt" 2>&1 &
  local suite=$!
  until grep -q Waiting "$results/$name-client.txt"; do sleep 0.2; done
  "${command[@]}" > "$results/$name-client.log" 2>&1 || true
  wait "$suite" || true
}

port=9001
for name in ws System.Net.WebSockets gorilla websockets aiohttp; do
  judge_server "$name" "$@" &
  judge_client "$name" "$port" "$@" &
  port=$((port + 1))
done
wait
tail -n 1 "$results"/*-server.txt "$results"/*-client.txt
