# fetch KIND NAME: the path of the pinned file, brought into .deps/downloads if it is not there, its SHA-256 checked.
fetch() {
  local kind=$1 name=$2 version file sha folder=.deps/downloads
  read -r version file sha < <(awk -v k="$kind" -v n="$name" '$1==k && $2==n {print $3, $4, $5}' scripts/pins.txt)
  [ -n "$sha" ] || { echo "setup: no pin for $kind $name" >&2; return 1; }
  mkdir -p "$folder"
  if ! echo "$sha  $folder/$file" | sha256sum --status -c - 2>/dev/null; then
    echo "setup: fetching $file" >&2
    case $kind in
      wheel) python3 -m pip download -q --no-deps --only-binary=:all: --python-version 3.11 --implementation cp \
               --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 -d "$folder" "$name==$version" >&2 ;;
      sdist) python3 -m pip download -q --no-deps --no-binary="$name" --only-binary=cmake,ninja -d "$folder" "$name==$version" >&2 ;;
      npm)   (cd "$folder" && npm pack --silent "$name@$version" >/dev/null) ;;
    esac
    echo "$sha  $folder/$file" | sha256sum --status -c - || { echo "setup: $file does not have the pinned SHA-256" >&2; return 1; }
  fi
  echo "$folder/$file"
}
