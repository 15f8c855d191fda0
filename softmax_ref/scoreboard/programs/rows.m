% Octave for softmax-ref to judge, one row at a time: octave-cli --norc --quiet rows.m CALLS, where CALLS is a file of
% JSON with the call of each function.
1;

function answer = run(request, calls, class_of_z)
  named = fieldnames(request.inputs);
  given = request.inputs.(named{1});
  shape = given.shape(:).';
  if isfield(request, "axis") && request.axis != -1 && request.axis != numel(shape) - 1
    answer = struct("seq", request.seq, "skipped", "one row at a time: the last axis");
    return
  end
  answer = struct("seq", request.seq, "y", {{}});
  if isempty(given.bits), return, end
  numbers = hex2num(char(regexprep(given.bits, '^0[xX]', '')), class_of_z).';
  wide = numel(numbers);
  if isfield(request, "axis"), wide = [1, shape](end); end
  found = [];
  for row = reshape(numbers, wide, [])
    z = x = row.';
    found = [found, eval(calls.(request.("function")))];
  end
  answer.y = cellstr(num2hex(found));
end

calls = jsondecode(fileread(argv(){end}));
classes = struct("binary32", "single", "binary64", "double");
while true
  line = fscanf(stdin, "%[^\n]", "C");  % fgetl would wait for the next line before it gives this one
  if isempty(fread(stdin, 1)), break, end
  request = jsondecode(line, "makeValidName", false);
  if strcmp(request.op, "stop")
    break
  elseif strcmp(request.op, "start")
    answer = struct("name", "Octave", "functions", {fieldnames(calls)}, "formats", {{"binary32", "binary64"}});
  else
    try
      answer = run(request, calls, classes.(request.format));
    catch failed
      answer = struct("seq", request.seq, "errored", failed.message);
    end
  end
  printf("%s\n", jsonencode(answer));
  fflush(stdout);
end
