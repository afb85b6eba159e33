

events<>
<
:

kind	Orchard
%

apiVersiongarden.example.org/v1	one twoWhy three  