

output-separator<Ÿ
<
:
%

apiVersiongarden.example.org/v1

kind	Orchardx
as
q


apiVersionv1

kind	ConfigMap

metadata*

namea
)
data!*

xone
---
two


y1e
b`
^


apiVersionv1

kind	ConfigMap

metadata*

nameb

data*


x---